import numpy as np
import pytest

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.sample import require_same_rows

LOANS = Sample(np.array([0, 1, 1]), np.array([0.1, 0.8, 0.4]), scale=2.0, cluster=np.array([5, 5, 7]))


@pytest.mark.parametrize("chosen", [np.array([2, 0]), np.array([True, False, True])])
def test_some_rows_keep_their_answers_clusters_and_the_scale(chosen: np.ndarray) -> None:
    found = LOANS.rows(chosen)
    assert sorted(zip(found.answer, found.outcome, found.cluster, strict=True)) == [(0.1, 0, 5), (0.4, 1, 7)]  # type: ignore[arg-type]
    assert (len(found), found.scale) == (2, 2.0)


def test_rows_without_clusters_stay_without_them() -> None:
    assert Sample(LOANS.outcome, LOANS.answer).rows(np.array([0])).cluster is None


def test_another_models_answers_are_of_the_same_rows() -> None:
    other = LOANS.answered(1 - LOANS.answer)
    require_same_rows(LOANS, other)
    assert other.answer.tolist() == (1 - LOANS.answer).tolist()


def test_a_sample_is_checked_for_its_task() -> None:
    values = Sample(np.array([1, 2]), np.array([7, 8]))
    assert values.checked("regression").outcome.dtype == np.float64
    with pytest.raises(ValueError, match="outcomes are 0 or 1, 1 of 2 rows are not"):
        values.checked("classification")
    assert LOANS.checked("classification").cluster is LOANS.cluster


@pytest.mark.parametrize("cluster", [None, np.array([5, 7, 7])])
def test_other_clusters_are_other_rows(cluster: np.ndarray | None) -> None:
    other = Sample(LOANS.outcome, LOANS.answer, LOANS.scale, cluster)
    for pair in ((LOANS, other), (other, LOANS)):
        with pytest.raises(ValueError, match="needs the same rows"):
            require_same_rows(*pair)
