"""The model that is registered and served: from raw columns to a probability of default or a predicted value."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.pipeline import Pipeline

PROBABILITY = "probability_of_default"
PREDICTION = "prediction"
OUTCOME = "outcome"


class ProbabilityModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """A fitted classifier whose ``predict`` gives a named column with the probability of default.

    Parameters
    ----------
    pipeline
        Fitted: derived columns, recipe, estimator.

    Notes
    -----
    Serving tools call ``predict``. Two unnamed columns of ``predict_proba``, or a label at 0.5, would be of no use.
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
        # Estimators do not accept a table without rows.
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
    """A fitted regressor whose ``predict`` gives a named column with the value.

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
    return ProbabilityModel(pipeline) if gives_probability(pipeline) else ValueModel(pipeline)


def gives_probability(model: BaseEstimator) -> bool:
    """Check whether a model is a classifier, which gives a probability of default; a regressor gives a value."""
    return bool(is_classifier(model))


def answers(model: BaseEstimator, rows: pd.DataFrame | NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a model's answers: the probability of default of a classifier, the value of a regressor.

    Parameters
    ----------
    model
        Fitted: a pipeline, the last steps of one, or an estimator.
    rows
        Its input, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        Shape (rows,).
    """
    found = model.predict_proba(rows)[:, 1] if gives_probability(model) else model.predict(rows)
    return np.ravel(np.asarray(found, dtype=np.float64))


def answer_name(model: BaseEstimator) -> str:
    """Name the column of the answers."""
    return PROBABILITY if gives_probability(model) else PREDICTION


def answers_in(table: pd.DataFrame) -> NDArray[np.float64]:
    """Give the answers in a table of predictions, shape (rows,)."""
    return table[PROBABILITY if PROBABILITY in table else PREDICTION].to_numpy(np.float64)
