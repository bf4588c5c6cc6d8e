import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from credit_pipeline.configuration import known_names
from credit_pipeline.core import dotted_path
from credit_pipeline.errors import ConfigurationError
from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.metric import custom_metric
from credit_pipeline.modelling.metrics.metrics import metric_named, score_all
from credit_pipeline.modelling.metrics.uncertainty.intervals import estimate

MODULE = """
def refused_defaults(outcome, probability):
    return float(outcome[probability > 0.5].sum() / outcome.sum())


def cost(outcome, probability):
    return float((outcome * (1 - probability)).mean())


cost.greater_is_better = False


def worst_error(observed, predicted):
    return float(abs(observed - predicted).max())


worst_error.greater_is_better, worst_error.task, worst_error.label = False, "regression", "worst error"


def accuracy(outcome, probability):
    return 0.0


accuracy.greater_is_better = "yes"
"""
OUTCOME = np.array([0, 0, 0, 1, 1, 0, 1, 0] * 20)
PROBABILITY = np.array([0.1, 0.2, 0.6, 0.4, 0.9, 0.3, 0.7, 0.2] * 20)


@pytest.fixture(autouse=True)
def _lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module outside the project that YAML may name."""
    (tmp_path / "a_lender.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CREDIT_PIPELINE_PACKAGES", "a_lender")
    yield
    sys.modules.pop("a_lender", None)
    custom_metric.cache_clear()


def test_a_function_is_a_metric_by_its_path() -> None:
    # Two of three defaults have more than one half.
    assert score_all(["a_lender.refused_defaults"], OUTCOME, PROBABILITY) == {
        "a_lender.refused_defaults": pytest.approx(2 / 3)
    }


def test_greater_is_better_unless_the_function_says_otherwise() -> None:
    assert metric_named("a_lender.refused_defaults").goodness([0.5]).tolist() == [0.5]
    assert metric_named("a_lender.cost").goodness([0.5]).tolist() == [-0.5]
    assert metric_named("a_lender.worst_error").label == "worst error"
    assert metric_named("a_lender.refused_defaults").label == "refused defaults"


def test_its_interval_is_that_of_a_metric_of_the_project_with_the_same_values() -> None:
    (Path(dotted_path.load("a_lender.cost").__code__.co_filename)).write_text(  # type: ignore[attr-defined]
        MODULE + "def brier(outcome, probability):\n    return float(((outcome - probability) ** 2).mean())\n"
    )
    sys.modules.pop("a_lender")
    found = estimate(["brier", "a_lender.brier"], Sample(OUTCOME, PROBABILITY), resamples=200)
    assert vars(found["a_lender.brier"]) == pytest.approx(vars(found["brier"]))


def test_its_interval_of_a_regression_holds_the_value_and_keeps_clusters_whole() -> None:
    observed = np.arange(40.0)
    predicted = observed + np.repeat([0.0, 1.0], 20)
    wide = estimate(["a_lender.worst_error"], Sample(observed, predicted, cluster=np.repeat([0, 1], 20)))
    found = wide["a_lender.worst_error"]
    # Two clusters: one in four draws has only the first, whose worst error is 0.
    assert (found.lower, found.value, found.upper) == (0.0, 1.0, 1.0)


def test_a_function_whose_attributes_say_nothing_known_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot be used as a metric"):
        metric_named("a_lender.accuracy")


def test_its_faults_are_reported_before_anything_runs() -> None:
    def reported(*metrics: str, task: str = "classification") -> list[tuple[str, str]]:
        found = known_names.faults({"data": {"task": task}, "training": {"metrics": list(metrics)}})
        return [(key, str(fault).splitlines()[0]) for key, fault in found]

    assert reported("roc_auc", "a_lender.cost") == []
    assert reported("a_lender.costs") == [("training.metrics.a_lender.costs", "'a_lender' has no 'costs'.")]
    assert reported("other.cost") == [("training.metrics.other.cost", "'other.cost' may not be imported.")]
    assert reported("a_lender.worst_error") == [
        ("training.metrics.a_lender.worst_error", "'a_lender.worst_error' is not a metric of a classification.")
    ]


def test_a_gate_may_name_it() -> None:
    gates = {"annotation": "", "gates": {"minimum": {"test_a_lender.cost": 0.1, "test_a_lender.loss": 0.1}}}
    found = known_names.faults({"data": {}, "training": {"metrics": ["a_lender.cost"]}, "deployment": gates})
    assert [key for key, _ in found] == ["deployment.gates.minimum.test_a_lender.loss"]
