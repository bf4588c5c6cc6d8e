import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_pipeline.core.metric_names import cross_validated, on_test, parse
from credit_pipeline.modelling.metrics import METRICS

ENDINGS = ("_lower", "_upper")
METRIC_NAMES = st.text(min_size=1).filter(lambda name: not name.endswith(ENDINGS))


@given(METRIC_NAMES | st.sampled_from(sorted(METRICS)))
def test_what_is_built_is_read_back(metric: str) -> None:
    for names in (cross_validated(metric), on_test(metric)):
        for part, name in names._asdict().items():
            assert parse(name) == (metric, part)


@given(METRIC_NAMES, METRIC_NAMES)
def test_different_metrics_have_different_names(one: str, other: str) -> None:
    shared = {*cross_validated(one), *on_test(one)} & {*cross_validated(other), *on_test(other)}
    assert bool(shared) is (one == other)


@pytest.mark.parametrize("name", ["fit_seconds", "cut_off", "cv_ks", "cv__mean", "test_", "", "ks", "mycv_ks_mean"])
def test_other_names_are_not_read(name: str) -> None:
    assert parse(name) is None


@pytest.mark.parametrize(
    ("name", "metric", "part"),
    [
        ("cv_mylender.metrics.cost_mean", "mylender.metrics.cost", "mean"),
        ("cv_ks_std_mean", "ks_std", "mean"),
        ("test_roc_auc_upper", "roc_auc", "upper"),
        ("test_rows", "rows", "value"),
    ],
)
def test_a_name_has_a_metric_and_a_part(name: str, metric: str, part: str) -> None:
    assert parse(name) == (metric, part)


def test_no_metric_of_the_project_has_the_name_of_a_bound() -> None:
    assert not [name for name in METRICS if name.endswith(ENDINGS)]
