"""The shipped models against FLAML, fold by fold: as many seconds, the same rows, the best model's AUC where held out.

``python benchmarks/automl.py --python-of flaml=PYTHON [--folds N] [--budget SECONDS] [--rows ROWS]``. FLAML has an
environment of its own, with ``flaml[automl]``, catboost and pyarrow. The training part of the shipped table is divided
into the project's folds. On the fitted rows of each, every model of ``models.yml`` is searched by the project's folds
of these rows and fitted on all of them, as a run does it; the best is chosen by its mean AUC over these inner folds.
FLAML then gets as many seconds, the same inner folds, every core and the same columns, categories as such. Both are
scored on the held-out rows.

Written is a Markdown table, and the mean difference with the interval of Nadeau and Bengio. Run by another interpreter
the file imports nothing of this project.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from credit_pipeline.modelling.features.recipes import build

if TYPE_CHECKING:
    from credit_pipeline.modelling.training.training import Trained
    from credit_pipeline.spec import ProjectSpec

PROJECT = Path(__file__).parents[1]
TARGET, INNER = "target", "inner fold"
METRIC = "roc_auc"
Told = dict[str, object]
Positions = np.ndarray


class InnerFolds:
    """A splitter, in scikit-learn's sense, of rows that are numbered by their fold."""

    shuffle = False

    def __init__(self, number: "pd.Series[int]") -> None:
        self.number = number.to_numpy()

    def get_n_splits(self, *_: object) -> int:
        """Count the folds."""
        return int(self.number.max()) + 1

    def split(self, *_: object) -> Iterator[tuple[Positions, Positions]]:
        """Give row positions, as (fitted on, validated on)."""
        for fold in range(self.get_n_splits()):
            yield np.flatnonzero(self.number != fold), np.flatnonzero(self.number == fold)


def by_flaml(folder: Path, budget: float, seed: int) -> Told:
    """Search by FLAML, in this process; give seconds, AUC on the held-out rows and the best learner."""
    import flaml  # noqa: PLC0415  # only its own environment has it

    fitted, held = (pd.read_parquet(folder / f"{part}.parquet") for part in ("fitted", "held"))
    inner, outcome = fitted.pop(INNER), fitted.pop(TARGET)
    start = time.perf_counter()
    model = flaml.AutoML()
    model.fit(
        X_train=fitted,
        y_train=outcome,
        task="classification",
        metric=METRIC,
        time_budget=budget,
        eval_method="cv",
        split_type=InnerFolds(inner),
        n_jobs=-1,
        seed=seed,
        early_stop=False,
        verbose=0,
    )
    seconds = time.perf_counter() - start
    auc = roc_auc_score(held.pop(TARGET), model.predict_proba(held)[:, 1])
    tried = {learner: count for learner, count in model._iter_per_learner.items() if count}  # noqa: SLF001  # not told
    return {
        "version": flaml.__version__,
        "seconds": seconds,
        "auc": float(auc),
        "inner_auc": 1 - float(model.best_loss),
        "model": model.best_estimator,
        "tried": tried,
    }


def by_project(part: pd.DataFrame, held: pd.DataFrame) -> Told:
    """Search every shipped model on the fitted rows and fit it on all of them; give seconds, AUC and name of the best.

    The best is chosen by its mean AUC over the inner folds; the held-out rows are only scored.
    """
    from credit_pipeline.modelling.scoring.scoring_model import answers  # noqa: PLC0415  # FLAML's environment lacks it

    spec = configured()
    start = time.perf_counter()
    found = {model: trained(spec, model, part) for model in spec.models}
    seconds = time.perf_counter() - start
    means = {model: float(one.fold_scores[METRIC].mean()) for model, one in found.items()}
    best = max(means, key=means.__getitem__)
    answered = answers(found[best].pipeline, held[list(spec.data.inputs)])
    auc = float(roc_auc_score(held[spec.data.target] == spec.data.event, answered))
    return {"seconds": seconds, "auc": auc, "inner_auc": means[best], "model": best}


def trained(spec: "ProjectSpec", model: str, part: pd.DataFrame) -> "Trained":
    """Train one model as a run does: columns derived, recipe fitted, search, the winner fitted on all rows."""
    from credit_pipeline.modelling.features import columns  # noqa: PLC0415  # FLAML's environment lacks it
    from credit_pipeline.modelling.features.row_features import RowFeatures  # noqa: PLC0415
    from credit_pipeline.modelling.training import training  # noqa: PLC0415  # FLAML's environment lacks it

    asked, data, target = spec.models[model], spec.data, spec.data.target
    recipe_spec = spec.recipes[asked.recipe]
    assigned = training.Assignment(asked, recipe_spec, data, spec.features, spec.training, spec.split)
    derived = RowFeatures(spec.features.function, data.inputs).fit_transform(part)
    roles = columns.roles(derived, data, spec.features.direction)
    recipe = build(recipe_spec.function, roles, recipe_spec.settings, recipe_spec.leave_out)
    made = recipe.fit_transform(derived, (part[target] == data.event).to_numpy(np.int64))
    beside = part[list(data.beside)]
    return training.train(assigned, pd.concat([beside, derived], axis=1), recipe, made.assign(**{target: part[target]}))


def configured() -> "ProjectSpec":
    """Read the project's configuration."""
    from credit_pipeline import configuration  # noqa: PLC0415  # FLAML's environment lacks it

    return configuration.current().spec


def train_part(spec: "ProjectSpec", rows: int | None) -> pd.DataFrame:
    """Give the training part of the shipped table, or the first rows of it."""
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # FLAML's environment lacks it

    table = pd.read_csv(PROJECT / "data/01_raw/credit_card_clients.csv")
    positions, _ = schemes.halves(schemes.keys_of(table, spec.data), spec.split)
    return table.iloc[positions[:rows]].reset_index(drop=True)


def folds_of(spec: "ProjectSpec", part: pd.DataFrame) -> list[tuple[Positions, Positions]]:
    """Divide rows into the project's folds."""
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # FLAML's environment lacks it

    return schemes.folds(schemes.keys_of(part, spec.data), spec.training.folds, spec.split)


def hand_over(spec: "ProjectSpec", part: pd.DataFrame, held: pd.DataFrame, folder: Path) -> None:
    """Write what FLAML reads: raw columns, categories as such, the outcome, and the inner fold of each fitted row."""
    number = pd.Series(0, index=part.index)
    for fold, (_, scored) in enumerate(folds_of(spec, part)):
        number.iloc[scored] = fold
    for name, rows in {"fitted": part, "held": held}.items():
        texts = {column: "c" + rows[column].astype("str") for column in spec.data.named("categorical")}
        table = rows[list(spec.data.inputs)].assign(**texts, **{TARGET: rows[spec.data.target] == spec.data.event})
        kinds = {**dict.fromkeys(texts, "category"), TARGET: "int64"}
        told = {INNER: number} if name == "fitted" else {}
        table.astype(kinds).assign(**told).to_parquet(folder / f"{name}.parquet")


def in_its_process(python: str, folder: str, budget: float, seed: int) -> Told:
    """Search by FLAML in a fresh process of its own interpreter."""
    command = [python, __file__, "--flaml", folder, str(budget), str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def on_fold(train: pd.DataFrame, fold: tuple[Positions, Positions], given: argparse.Namespace) -> tuple[Told, Told]:
    """Measure both on one outer fold."""
    spec = configured()
    part, held = (train.iloc[positions].reset_index(drop=True) for positions in fold)
    ours = by_project(part, held)
    with TemporaryDirectory() as folder:
        hand_over(spec, part, held, Path(folder))
        theirs = in_its_process(given.python_of, folder, given.budget or ours["seconds"], spec.training.seed)
    return ours, theirs


def line(fold: int, ours: Told, theirs: Told) -> str:
    """Write one line of the table."""
    cells = [f"{told['seconds']:.0f} s | {told['auc']:.5f} {told['model']}" for told in (ours, theirs)]
    inner = f"{ours['inner_auc']:.5f} | {theirs['inner_auc']:.5f}"
    tried, difference = sum(theirs["tried"].values()), ours["auc"] - theirs["auc"]
    return f"| {fold} | {' | '.join(cells)} | {tried} | {inner} | {difference:+.5f} |"


def python_of_flaml(given: str) -> str:
    """Read ``flaml=PYTHON``."""
    library, _, python = given.partition("=")
    if library != "flaml" or not python:
        raise argparse.ArgumentTypeError(f"expected flaml=, and an interpreter; got {given}")
    return python


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python-of", type=python_of_flaml, required=True, metavar="flaml=PYTHON")
    parser.add_argument("--folds", type=int, help="only the first of the outer folds")
    parser.add_argument("--budget", type=float, help="seconds for FLAML; by default as many as the project took")
    parser.add_argument("--rows", type=int, help="only the first rows of the training part")
    return parser.parse_args()


def main() -> None:
    """Compare fold by fold, print the Markdown table and the mean difference."""
    from credit_pipeline.modelling.selection import comparison  # noqa: PLC0415  # FLAML's environment lacks it
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # FLAML's environment lacks it

    given, spec = arguments(), configured()
    train = train_part(spec, given.rows)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {len(train):,} rows\n")
    print("| fold | ours | AUC of ours | FLAML | AUC of FLAML | it tried | inner AUC, ours | FLAML | difference |")
    print("|---:|---:|---|---:|---|---:|---:|---:|---:|", flush=True)
    found = []
    for number, fold in enumerate(folds_of(spec, train)[: given.folds]):
        found.append(on_fold(train, fold, given))
        print(line(number, *found[-1]), flush=True)
    learners = sorted({learner for _, theirs in found for learner in theirs["tried"]})
    print(f"\nFLAML {found[0][1]['version']}, tried {', '.join(learners)}; load {os.getloadavg()[0]:.1f}")
    if len(found) > 1:
        ours, theirs = ([told["auc"] for told in side] for side in zip(*found, strict=True))
        ratio = schemes.held_out_ratio(spec.training.folds, spec.split)
        mean = comparison.fold_difference(ours, theirs, ratio)
        bounds = f"{mean.fold_lower:+.5f} to {mean.fold_upper:+.5f}"
        print(f"Mean difference, ours - FLAML: {mean.fold_difference:+.5f} ({bounds}), p = {mean.fold_p_value:.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--flaml"]:
        print(json.dumps(by_flaml(Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
