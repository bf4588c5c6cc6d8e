"""Compare the searches of the shipped models with ``GridSearchCV``, in turns on one machine.

``python benchmarks/search.py [ROWS]``, by default with all rows of train. The same candidates are searched on the same
folds in three ways: by ``GridSearchCV(Pipeline(recipe, estimator), n_jobs=-1)`` with estimators of one thread, by an
exhaustive search of the project, and by a race. For each model and in total, the script prints the seconds, their
ratios, and the loss of the race against the best mean. Worker processes are started before each measurement, because a
run starts them only once for all models.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from credit_pipeline import configuration
from credit_pipeline.modelling.estimators import building
from credit_pipeline.modelling.features import columns
from credit_pipeline.modelling.features.recipes import build
from credit_pipeline.modelling.features.row_features import RowFeatures
from credit_pipeline.modelling.splitting import schemes
from credit_pipeline.modelling.training import training
from credit_pipeline.modelling.training.search import candidates, search
from credit_pipeline.modelling.training.search_plan import SearchPlan
from credit_pipeline.spec import ProjectSpec

PROJECT = Path(__file__).parents[1]
METRIC = "roc_auc"
TOLERANCE = 0.0005
FEW = 600
Found = TypeVar("Found")


class Search:
    """The search of one model, in each of the three ways."""

    def __init__(self, spec: ProjectSpec, model: str, train: pd.DataFrame) -> None:
        self.spec, self.model = spec.models[model], model
        keys = schemes.keys_of(train, spec.data)
        self.outcome, self.rows = keys.outcome, train[columns.inputs(train, spec.data)]
        self.folds = schemes.folds(keys, spec.training.folds, spec.split)
        recipe = spec.recipes[self.spec.recipe]
        assigned = training.Assignment(self.spec, recipe, spec.data, spec.features, spec.training, spec.split)
        self.columns = columns.roles(train, spec.data, spec.features.direction)
        self.recipe, self.assigned = recipe, assigned

    def by_scikit_learn(self) -> float:
        """Search with ``GridSearchCV``; return the best mean."""
        recipe = build(self.recipe.function, self.columns, self.recipe.settings)
        made = building.build(self.spec.estimator, self.spec.fixed, seed=self.assigned.training.seed)
        names = list(recipe.fit_transform(self.rows, self.outcome).columns)
        bound = building.constrained(made, names, self.assigned.features.direction)
        grid = {f"estimator__{name}": values for name, values in self.spec.search.space.items()}
        pipeline = Pipeline([("recipe", recipe), ("estimator", bound)])
        found = GridSearchCV(pipeline, grid, scoring=METRIC, cv=self.folds, n_jobs=-1, refit=False)
        return float(found.fit(self.rows, self.outcome).best_score_)

    def by_project(self, tolerance: float | None) -> tuple[int, pd.DataFrame]:
        """Search with the project; return the number of the winner, and the trials."""
        found = search(
            training._blueprint(self.assigned, self.columns),  # noqa: SLF001  # exactly the parts that a run makes
            candidates(self.spec.search),
            self.rows,
            self.outcome,
            SearchPlan(self.folds, [METRIC], METRIC, tolerance=tolerance),
        )
        return int(found.trials.loc[found.trials["rank"] == 1, "candidate"].iloc[0]), found.trials

    def measured(self, few: "Search") -> dict[str, float]:
        """Return the seconds of each way and its loss against the best mean; ``few`` rows start the workers."""
        few.by_scikit_learn()
        theirs, grid = timed(self.by_scikit_learn)
        few.by_project(None)
        (winner, trials), whole = timed(lambda: self.by_project(None))
        (raced, _), race = timed(lambda: self.by_project(TOLERANCE))
        means = trials.groupby("candidate")[METRIC].mean()
        return {
            "grid_search_cv": grid,
            "exhaustive": whole,
            "racing": race,
            "exhaustive_loses": theirs - means[winner],
            "racing_loses": means.max() - means[raced],
        }


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    """Do some work; return its result, and the seconds."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def train_part(spec: ProjectSpec, rows: int | None) -> pd.DataFrame:
    """Return the training part of the shipped table with its derived columns, or the first rows of it."""
    table = pd.read_csv(PROJECT / "data/01_raw/credit_card_clients.csv")
    positions, _ = schemes.halves(schemes.keys_of(table, spec.data), spec.split)
    train = table.iloc[positions[:rows]].reset_index(drop=True)
    derived = RowFeatures(spec.features.function, spec.data.inputs).fit_transform(train)
    return derived.assign(**{spec.data.target: train[spec.data.target]})


def report_line(name: str, found: "pd.Series[float]") -> str:
    """Write one line of the report."""
    ratios = found[["exhaustive", "racing"]] / found["grid_search_cv"]
    losses = found[["exhaustive_loses", "racing_loses"]]
    return (
        f"{name:20} GridSearchCV {found['grid_search_cv']:6.1f} s, exhaustive {ratios['exhaustive']:.2f}x, "
        f"racing {ratios['racing']:.2f}x; lost {losses['exhaustive_loses']:.5f}, {losses['racing_loses']:.5f}"
    )


def main(rows: int | None) -> None:
    """Measure every model and print the report."""
    spec = configuration.current().spec
    train = train_part(spec, rows)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {len(train):,} rows")
    measured = {}
    for model in spec.models:
        measured[model] = Search(spec, model, train).measured(few=Search(spec, model, train.head(FEW)))
        print(report_line(model, pd.Series(measured[model])), flush=True)
    print(report_line("in total", pd.DataFrame(measured).sum(axis=1)))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
