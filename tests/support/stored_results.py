"""Stored evaluations of a few models, for the tests of the leaderboard and of the challenger."""

from collections.abc import Mapping

from hypothesis import strategies as st

from credit_pipeline.modelling.selection.ranking import RunIdentity
from credit_pipeline.modelling.training.evaluation import Evaluation

NAMES = ("alpha", "beta", "gamma", "delta")
TODAY = RunIdentity("split", "folds", dict.fromkeys(NAMES, "specification"))
Stored = Mapping[str, Evaluation | None]


def result(
    *,
    split_id: str = "split",
    folds_id: str = "folds",
    specification: str = "specification",
    fit_seconds: float = 1.0,
    **means: float,
) -> Evaluation:
    """A stored evaluation whose cross-validated means are given by metric; on test each is 0.1 less, ± 0.05."""
    cross_validated = {
        f"cv_{name}_{suffix}": value
        for name, mean in means.items()
        for suffix, value in (("mean", mean), ("std", 0.01))
    }
    test = {
        f"test_{name}{suffix}": mean - 0.1 + gap
        for name, mean in means.items()
        for suffix, gap in (("", 0.0), ("_lower", -0.05), ("_upper", 0.05))
    }
    return Evaluation(
        model="any",
        recipe="plain",
        estimator="a.B",
        arguments={"C": 1},
        recipe_settings={},
        split_id=split_id,
        folds_id=folds_id,
        specification_sha256=specification,
        candidates=4,
        search_seconds=2.0,
        fit_seconds=fit_seconds,
        metrics={**cross_validated, **test},
        fold_scores=[],
        test_rows=100,
        test_events=20,
    )


MEANS = st.floats(0.5, 1.0)
RESULTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.none() | st.builds(result, split_id=st.sampled_from(["split", "another"]), roc_auc=MEANS, log_loss=MEANS),
    min_size=1,
)
