"""Compare the shipped models with FLAML, fold by fold: the same time, the same rows, the AUC on the held-out rows.

``python benchmarks/automl.py --python-of flaml=PYTHON [--folds N] [--budget SECONDS] [--rows ROWS]``. FLAML needs a
separate environment, with ``flaml[automl]``, catboost and pyarrow. The training part of the shipped table is divided
into the folds of the project. On the training rows of each fold, every model of ``models.yml`` is searched on inner
folds and fitted on all rows, as in a run; the best model has the highest mean AUC over the inner folds. FLAML then gets
the same number of seconds, the same inner folds, every core and the same columns, with categories marked as such. Both
are scored on the held-out rows.

The script prints a Markdown table, and the mean difference with the interval of Nadeau and Bengio. When the interpreter
of FLAML runs this file, it imports nothing of this project.
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
Result = dict[str, object]
Positions = np.ndarray


class InnerFolds:
    """A scikit-learn splitter for rows that have the number of their fold."""

    shuffle = False

    def __init__(self, number: "pd.Series[int]") -> None:
        self.number = number.to_numpy()

    def get_n_splits(self, *_: object) -> int:
        """Count the folds."""
        return int(self.number.max()) + 1

    def split(self, *_: object) -> Iterator[tuple[Positions, Positions]]:
        """Return row positions, as (fitted on, validated on)."""
        for fold in range(self.get_n_splits()):
            yield np.flatnonzero(self.number != fold), np.flatnonzero(self.number == fold)


def by_flaml(folder: Path, budget: float, seed: int) -> Result:
    """Search with FLAML in this process; return seconds, AUC on the held-out rows and the best learner."""
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
    tried = {learner: count for learner, count in model._iter_per_learner.items() if count}  # noqa: SLF001  # not public
    return {
        "version": flaml.__version__,
        "seconds": seconds,
        "auc": float(auc),
        "inner_auc": 1 - float(model.best_loss),
        "model": model.best_estimator,
        "tried": tried,
    }


def by_project(part: pd.DataFrame, held: pd.DataFrame) -> Result:
    """Search every shipped model and fit it on all training rows; return seconds, AUC and name of the best model.

    The best is chosen by its mean AUC over the inner folds; the held-out rows are only scored.
    """
    from credit_pipeline.modelling.scoring.scoring_model import answers  # noqa: PLC0415  # not installed for FLAML

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
    """Train one model as a run does: derive columns, fit the recipe, search, fit the winner on all rows."""
    from credit_pipeline.modelling.features import columns  # noqa: PLC0415  # not installed for FLAML
    from credit_pipeline.modelling.features.row_features import RowFeatures  # noqa: PLC0415
    from credit_pipeline.modelling.training import training  # noqa: PLC0415

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
    """Read the configuration of the project."""
    from credit_pipeline import configuration  # noqa: PLC0415  # not installed for FLAML

    return configuration.current().spec


def train_part(spec: "ProjectSpec", rows: int | None) -> pd.DataFrame:
    """Return the training part of the shipped table, or the first rows of it."""
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # not installed for FLAML

    table = pd.read_csv(PROJECT / "data/01_raw/credit_card_clients.csv")
    positions, _ = schemes.halves(schemes.keys_of(table, spec.data), spec.split)
    return table.iloc[positions[:rows]].reset_index(drop=True)


def folds_of(spec: "ProjectSpec", part: pd.DataFrame) -> list[tuple[Positions, Positions]]:
    """Divide rows into the folds of the project."""
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # not installed for FLAML

    return schemes.folds(schemes.keys_of(part, spec.data), spec.training.folds, spec.split)


def hand_over(spec: "ProjectSpec", part: pd.DataFrame, held: pd.DataFrame, folder: Path) -> None:
    """Write the input of FLAML: raw columns, typed categories, the outcome, and the inner fold of each training row."""
    number = pd.Series(0, index=part.index)
    for fold, (_, scored) in enumerate(folds_of(spec, part)):
        number.iloc[scored] = fold
    for name, rows in {"fitted": part, "held": held}.items():
        texts = {column: "c" + rows[column].astype("str") for column in spec.data.named("categorical")}
        table = rows[list(spec.data.inputs)].assign(**texts, **{TARGET: rows[spec.data.target] == spec.data.event})
        kinds = {**dict.fromkeys(texts, "category"), TARGET: "int64"}
        added = {INNER: number} if name == "fitted" else {}
        table.astype(kinds).assign(**added).to_parquet(folder / f"{name}.parquet")


def in_its_process(python: str, folder: str, budget: float, seed: int) -> Result:
    """Search with FLAML in a new process with its own interpreter."""
    command = [python, __file__, "--flaml", folder, str(budget), str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def on_fold(train: pd.DataFrame, fold: tuple[Positions, Positions], given: argparse.Namespace) -> tuple[Result, Result]:
    """Measure the project and FLAML on one outer fold."""
    spec = configured()
    part, held = (train.iloc[positions].reset_index(drop=True) for positions in fold)
    ours = by_project(part, held)
    with TemporaryDirectory() as folder:
        hand_over(spec, part, held, Path(folder))
        theirs = in_its_process(given.python_of, folder, given.budget or ours["seconds"], spec.training.seed)
    return ours, theirs


def line(fold: int, ours: Result, theirs: Result) -> str:
    """Write one line of the table."""
    cells = [f"{result['seconds']:.0f} s | {result['auc']:.5f} {result['model']}" for result in (ours, theirs)]
    inner = f"{ours['inner_auc']:.5f} | {theirs['inner_auc']:.5f}"
    tried, difference = sum(theirs["tried"].values()), ours["auc"] - theirs["auc"]
    return f"| {fold} | {' | '.join(cells)} | {tried} | {inner} | {difference:+.5f} |"


def python_of_flaml(given: str) -> str:
    """Read ``flaml=PYTHON``."""
    library, _, python = given.partition("=")
    if library != "flaml" or not python:
        raise argparse.ArgumentTypeError(f"expected flaml=PYTHON, with the path of an interpreter; got {given}")
    return python


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python-of", type=python_of_flaml, required=True, metavar="flaml=PYTHON")
    parser.add_argument("--folds", type=int, help="use only this number of outer folds")
    parser.add_argument("--budget", type=float, help="seconds for FLAML; by default the time that the project needed")
    parser.add_argument("--rows", type=int, help="use only this number of rows of the training part")
    return parser.parse_args()


def main() -> None:
    """Compare fold by fold, print the Markdown table and the mean difference."""
    from credit_pipeline.modelling.selection import comparison  # noqa: PLC0415  # not installed for FLAML
    from credit_pipeline.modelling.splitting import schemes  # noqa: PLC0415  # not installed for FLAML

    given, spec = arguments(), configured()
    train = train_part(spec, given.rows)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {len(train):,} rows\n")
    print("| fold | our time | AUC | FLAML time | AUC | FLAML models | our inner AUC | FLAML inner AUC | difference |")
    print("|---:|---:|---|---:|---|---:|---:|---:|---:|", flush=True)
    found = []
    for number, fold in enumerate(folds_of(spec, train)[: given.folds]):
        found.append(on_fold(train, fold, given))
        print(line(number, *found[-1]), flush=True)
    learners = sorted({learner for _, theirs in found for learner in theirs["tried"]})
    print(f"\nFLAML {found[0][1]['version']}, tried {', '.join(learners)}; load {os.getloadavg()[0]:.1f}")
    if len(found) > 1:
        ours, theirs = ([result["auc"] for result in side] for side in zip(*found, strict=True))
        ratio = schemes.held_out_ratio(spec.training.folds, spec.split)
        mean = comparison.fold_difference(ours, theirs, ratio)
        bounds = f"{mean.fold_lower:+.5f} to {mean.fold_upper:+.5f}"
        print(f"Mean difference, ours - FLAML: {mean.fold_difference:+.5f} ({bounds}), p = {mean.fold_p_value:.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--flaml"]:
        print(json.dumps(by_flaml(Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
