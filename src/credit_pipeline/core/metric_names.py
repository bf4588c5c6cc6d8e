"""The names of tracked metrics, such as ``cv_ks_mean`` and ``test_ks_lower``. They are built and read here alone."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Part = Literal["mean", "std", "value", "lower", "upper"]


class CrossValidated(NamedTuple):
    """Names of a metric's mean and standard deviation over the folds."""

    mean: str
    std: str


class OnTest(NamedTuple):
    """Names of a metric's value on the test part and of the bounds of its 95 % interval."""

    value: str
    lower: str
    upper: str


class MetricName(NamedTuple):
    """What a tracked name is the name of."""

    metric: str
    part: Part


def cross_validated(metric: str) -> CrossValidated:
    """Name what is tracked of a metric in cross-validation.

    >>> cross_validated("ks")
    CrossValidated(mean='cv_ks_mean', std='cv_ks_std')
    """
    return CrossValidated(f"cv_{metric}_mean", f"cv_{metric}_std")


def on_test(metric: str) -> OnTest:
    """Name what is tracked of a metric on the test part.

    >>> on_test("ks")
    OnTest(value='test_ks', lower='test_ks_lower', upper='test_ks_upper')
    """
    return OnTest(f"test_{metric}", f"test_{metric}_lower", f"test_{metric}_upper")


_CROSS_VALIDATED = re.compile(r"cv_(.+)_(mean|std)", re.DOTALL)
_ON_TEST = re.compile(r"test_(.+?)(?:_(lower|upper))?", re.DOTALL)
_PARTS: Mapping[str | None, Part] = MappingProxyType(
    {
        "mean": "mean",
        "std": "std",
        "lower": "lower",
        "upper": "upper",
        None: "value",
    }
)


def parse(name: str) -> MetricName | None:
    """Read a tracked name; ``None`` for other names.

    Only the grammar is read: ``test_rows`` is the value of a metric ``rows``, whether there is one or not. A metric
    whose own name ends in ``_lower`` or ``_upper`` cannot be distinguished from a bound.

    Examples
    --------
    >>> parse("cv_roc_auc_std")
    MetricName(metric='roc_auc', part='std')
    >>> parse("test_ks")
    MetricName(metric='ks', part='value')
    >>> parse("fit_seconds") is None
    True
    """
    found = _CROSS_VALIDATED.fullmatch(name) or _ON_TEST.fullmatch(name)
    return None if found is None else MetricName(found[1], _PARTS[found[2]])
