import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_pipeline.modelling.metrics import Sample
from credit_pipeline.modelling.metrics.counts import count
from credit_pipeline.modelling.metrics.uncertainty.bootstrap import redraw_clusters, redraw_rows, times_drawn

# Three borrowers: two loans, one defaulted; one loan; three loans, one defaulted. Every loan has its own probability.
BORROWER = np.array([0, 0, 1, 2, 2, 2])
OUTCOME = np.array([1, 0, 0, 1, 0, 0])
PROBABILITY = np.array([0.6, 0.5, 0.4, 0.3, 0.2, 0.1])


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
@settings(max_examples=50)
def test_the_loans_of_a_borrower_come_together_or_not_at_all(seed: int, resamples: int) -> None:
    drawn = list(redraw_clusters(Sample(OUTCOME, PROBABILITY, cluster=BORROWER), resamples, seed))
    assert len(drawn) == resamples
    for sample in drawn:
        times = (sample.defaults + sample.payers)[0][::-1]  # in the order of the loans: the probabilities fall
        of_borrower = [{int(number) for number in times[borrower == BORROWER]} for borrower in range(3)]
        assert all(len(found) == 1 for found in of_borrower)
        assert sum(found.pop() for found in of_borrower) == 3


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_every_sample_holds_a_default_and_a_payer(seed: int) -> None:
    rows = list(redraw_rows(count(OUTCOME, PROBABILITY), 20, seed))
    clusters = list(
        redraw_clusters(Sample(np.array([1, 0, 0]), PROBABILITY[:3], cluster=np.array([0, 1, 1])), 20, seed)
    )
    for sample in [*rows, *clusters]:
        assert sample.defaults.any(axis=1).all()
        assert sample.payers.any(axis=1).all()


def test_every_borrower_is_drawn_once_in_the_mean() -> None:
    samples = list(redraw_clusters(Sample(OUTCOME, PROBABILITY, cluster=BORROWER), 3000, seed=4))
    drawn = np.mean([sample.payers[0, [0, 3, 4]] for sample in samples], axis=0)
    # Borrower 1 three times has no default: 1 of 27 samples is drawn again. Of 81 draws 78 are left, for borrower 1
    # 24 of 26 samples' and for the others 27 of 26.
    assert drawn == pytest.approx([27 / 26, 24 / 26, 27 / 26], abs=0.05)


@pytest.mark.parametrize("resamples", [0, -1])
def test_no_sample_is_a_fault(resamples: int) -> None:
    with pytest.raises(ValueError, match="a bootstrap needs resamples"):
        next(redraw_clusters(Sample(OUTCOME, PROBABILITY, cluster=BORROWER), resamples, seed=1))
    with pytest.raises(ValueError, match="a bootstrap needs resamples"):
        next(redraw_rows(count(OUTCOME, PROBABILITY), resamples, seed=1))


def test_rows_are_drawn_as_often_as_their_counts_say() -> None:
    counted = redraw_clusters(Sample(OUTCOME, PROBABILITY, cluster=BORROWER), 20, seed=7)
    for times, sample in zip(times_drawn(OUTCOME, BORROWER, 20, seed=7), counted, strict=True):
        assert (times * OUTCOME)[::-1].tolist() == sample.defaults[0].tolist()  # the probabilities fall
        assert (times * (1 - OUTCOME))[::-1].tolist() == sample.payers[0].tolist()
