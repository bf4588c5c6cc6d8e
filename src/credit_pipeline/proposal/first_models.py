"""First models for a new use case: recipes, estimators and grids that suit the size of its table."""

from collections.abc import Mapping
from dataclasses import dataclass

from credit_pipeline.spec import Scalar, Task

Arguments = Mapping[str, Scalar]
Space = Mapping[str, list[Scalar]]

_SMALL, _LARGE = 1_000, 200_000
_MANY_COLUMNS = 200
_MOST_FOLDS, _FEWEST_FOLDS = 5, 3
_ROWS_OF_FIVE_FOLDS, _EVENTS_OF_FIVE_FOLDS = 500, 50
_ROWS_OF_A_FIFTH = 200


@dataclass(frozen=True)
class FirstModel:
    """An entry of ``models.yml``: name, a description in words, recipe, estimator, fixed arguments and grid."""

    name: str
    what: str
    recipe: str
    estimator: str
    fixed: Arguments
    space: Space


@dataclass(frozen=True)
class Size:
    """Size of a table: rows, input columns, rows of the rarer class (for a regression, all rows)."""

    rows: int
    columns: int
    rarer: int

    @property
    def folds(self) -> int:
        """Five folds, or three for a small table, a fifth of which is too few rows to validate on.

        >>> Size(30_000, 20, 6_000).folds, Size(40, 5, 12).folds
        (5, 3)
        """
        enough = self.rows >= _ROWS_OF_FIVE_FOLDS and self.rarer >= _EVENTS_OF_FIVE_FOLDS
        return _MOST_FOLDS if enough else _FEWEST_FOLDS

    @property
    def test_share(self) -> float:
        """A fifth, or three tenths of a small table, so that both parts have rows of both classes."""
        return 0.2 if self.rows >= _ROWS_OF_A_FIFTH and self.rarer >= _EVENTS_OF_FIVE_FOLDS else 0.3


def first_models(task: Task, size: Size) -> tuple[FirstModel, ...]:
    """List the first models, the simplest first.

    Parameters
    ----------
    task
        A regression has no scorecard.
    size
        A small table gets few shallow trees, a large or wide table a small grid.

    Examples
    --------
    >>> [model.name for model in first_models("regression", Size(1000, 7, 1000))]
    ['ridge', 'elastic_net', 'random_forest', 'xgboost']
    """
    if task == "regression":
        return (*_linear_regressions(), _forest(size, "Regressor"), _boosted(size, "Regressor"))
    return (*_linear_classifiers(), _forest(size, "Classifier"), _boosted(size, "Classifier"))


def _linear_classifiers() -> tuple[FirstModel, ...]:
    linear: Space = {"C": [0.01, 0.1, 1.0]}
    logistic = FirstModel(
        "logistic_regression",
        "a logistic regression on scaled numbers and one-hot categories",
        "one_hot",
        "sklearn.linear_model.LogisticRegression",
        {"max_iter": 1000},
        linear,
    )
    scorecard = FirstModel(
        "scorecard",
        "a logistic regression on weights of evidence, shown as points",
        "weight_of_evidence",
        "credit_pipeline.modelling.estimators.ScorecardRegression",
        {},
        linear,
    )
    return logistic, scorecard


def _linear_regressions() -> tuple[FirstModel, ...]:
    what = "a linear regression on scaled numbers and one-hot categories, with a penalty on large coefficients"
    ridge = FirstModel("ridge", what, "one_hot", "sklearn.linear_model.Ridge", {}, {"alpha": [0.1, 1.0, 10.0]})
    space: Space = {"alpha": [0.01, 0.1, 1.0], "l1_ratio": [0.2, 0.8]}
    sparse = "the same, but it also drops columns that do not help"
    elastic = FirstModel("elastic_net", sparse, "one_hot", "sklearn.linear_model.ElasticNet", {"max_iter": 5000}, space)
    return ridge, elastic


def _forest(size: Size, kind: str) -> FirstModel:
    leaves: list[Scalar] = [3, 10] if size.rows < _SMALL else [20, 50]
    fixed: Arguments = {"n_estimators": 100 if _is_big(size) else 200, "max_features": "sqrt"}
    what = "many deep trees, each trained on a sample of the rows"
    return FirstModel(
        "random_forest", what, "ordinal", f"sklearn.ensemble.RandomForest{kind}", fixed, {"min_samples_leaf": leaves}
    )


def _boosted(size: Size, kind: str) -> FirstModel:
    trees = 100 if size.rows < _SMALL or size.columns > _MANY_COLUMNS else 300
    fixed: dict[str, Scalar] = {"n_estimators": trees, "tree_method": "hist", "subsample": 0.8}
    if size.columns > _MANY_COLUMNS:
        fixed["colsample_bytree"] = 0.3
    depths: list[Scalar] = [2, 3] if size.rows < _SMALL else [3, 5]
    space: Space = {"max_depth": depths, "learning_rate": [0.1] if _is_big(size) else [0.03, 0.1]}
    return FirstModel(
        "xgboost",
        "boosted trees: each corrects the errors of those before it",
        "ordinal",
        f"xgboost.XGB{kind}",
        fixed,
        space,
    )


def _is_big(size: Size) -> bool:
    return size.rows > _LARGE or size.columns > _MANY_COLUMNS
