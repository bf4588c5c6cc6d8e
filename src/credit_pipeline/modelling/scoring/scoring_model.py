"""What is registered and served: raw columns in, a probability of default or a predicted value out."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.inspection import permutation_importance
from sklearn.pipeline import Pipeline

from credit_pipeline.modelling.estimators.wrapped_classifier import unwrapped

PROBABILITY = "probability_of_default"
PREDICTION = "prediction"
OUTCOME = "outcome"
_SHUFFLED_ROWS = 2000


class ProbabilityModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A fitted classifier whose ``predict`` answers the probability of default by name.

    Parameters
    ----------
    pipeline
        Fitted: derived columns, recipe, estimator.

    Notes
    -----
    Serving tools call ``predict``; two nameless columns of ``predict_proba``, or a label at 0.5, would serve nobody.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def predict(self, applications: pd.DataFrame) -> pd.DataFrame:
        """Score applications.

        Parameters
        ----------
        applications
            Raw columns, shape (rows, columns).

        Returns
        -------
        pandas.DataFrame
            One column ``probability_of_default``, in [0, 1], with the index of the applications.
        """
        # Estimators refuse a table without rows.
        risk = self.predict_proba(applications)[:, 1] if len(applications) else np.empty(0)
        return pd.DataFrame({PROBABILITY: risk}, index=applications.index)

    def predict_proba(self, applications: pd.DataFrame) -> NDArray[np.float64]:
        """Probabilities of payment and of default, shape (rows, 2)."""
        return np.asarray(self.pipeline.predict_proba(applications), dtype=np.float64)

    @property
    def classes_(self) -> NDArray[np.int_]:
        """0 and 1; 1 = default."""
        return np.asarray(self.pipeline.classes_)


class ValueModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A fitted regressor whose ``predict`` answers the value by name.

    Parameters
    ----------
    pipeline
        Fitted: derived columns, recipe, estimator.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Predict the target of each row.

        Parameters
        ----------
        rows
            Raw columns, shape (rows, columns).

        Returns
        -------
        pandas.DataFrame
            One column ``prediction``, in the unit of the target, with the index of the rows.
        """
        values = answers(self.pipeline, rows) if len(rows) else np.empty(0)
        return pd.DataFrame({PREDICTION: values}, index=rows.index)


ScoringModel = ProbabilityModel | ValueModel


def served(pipeline: Pipeline) -> ScoringModel:
    """Give the model as it is registered and served."""
    return ProbabilityModel(pipeline) if is_classifier(pipeline) else ValueModel(pipeline)


def answers(model: BaseEstimator, rows: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the answer to each row, shape (rows,): a probability of default, or a regressor's value."""
    found = model.predict_proba(rows)[:, 1] if is_classifier(model) else np.ravel(model.predict(rows))
    return np.asarray(found, dtype=np.float64)


def answer_name(model: BaseEstimator) -> str:
    """Name the column that the answers stand in."""
    return PROBABILITY if is_classifier(model) else PREDICTION


def answers_in(table: pd.DataFrame) -> NDArray[np.float64]:
    """Give the answers that a table of predictions holds, shape (rows,)."""
    return table[PROBABILITY if PROBABILITY in table else PREDICTION].to_numpy(np.float64)


def importances(
    pipeline: Pipeline, applications: pd.DataFrame, outcome: NDArray[np.int_], *, seed: int = 0
) -> tuple[list[str], NDArray[np.float64], str]:
    """How much each feature matters to the estimator.

    Parameters
    ----------
    pipeline
        Fitted: derived columns, recipe, estimator.
    applications, outcome
        Raw columns and outcome of rows that it was not fitted on, shapes (rows, columns) and (rows,).
    seed
        Of the shuffles.

    Returns
    -------
    tuple
        Names, values and the kind of value: absolute coefficients, the importances of a tree model, or, of an estimator
        that tells neither, what is lost when a feature is shuffled, on at most 2,000 rows: AUC, or mean absolute error.
    """
    estimator, steps = unwrapped(pipeline[-1]), pipeline[:-1]
    names = [str(name) for name in steps[-1].get_feature_names_out()]
    if hasattr(estimator, "coef_"):
        return names, np.abs(np.ravel(estimator.coef_)).astype(np.float64), "absolute coefficient"
    if hasattr(estimator, "feature_importances_"):
        return names, np.asarray(estimator.feature_importances_, dtype=np.float64), "importance in the trees"
    rows = np.random.default_rng(seed).permutation(len(outcome))[:_SHUFFLED_ROWS]
    features, labels = steps.transform(applications.iloc[rows]), outcome[rows]
    scoring, kind = _SHUFFLED[is_classifier(estimator)]
    shuffled = permutation_importance(estimator, features, labels, scoring=scoring, n_repeats=3, random_state=seed)
    return names, np.asarray(shuffled.importances_mean, dtype=np.float64), kind


_SHUFFLED = {
    True: ("roc_auc", "fall of AUC when shuffled"),
    False: ("neg_mean_absolute_error", "rise of the mean absolute error when shuffled"),
}


def gives_probability(model: BaseEstimator) -> bool:
    """Tell a classifier, which answers a probability of default, from a regressor, which answers a value."""
    return hasattr(model, "predict_proba")


def answer(model: BaseEstimator, table: pd.DataFrame) -> NDArray[np.float64]:
    """Give a model's answers: the probability of default of a classifier, the value of a regressor.

    Parameters
    ----------
    model
        Fitted: a pipeline, the last steps of one, or an estimator.
    table
        What it takes, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Shape (rows,).
    """
    found = model.predict_proba(table)[:, 1] if gives_probability(model) else model.predict(table)
    return np.ravel(np.asarray(found, dtype=np.float64))
