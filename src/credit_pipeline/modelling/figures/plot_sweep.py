"""The figure that sets the runs of a sweep against each other."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from credit_pipeline.modelling.figures import style
from credit_pipeline.modelling.metrics.metrics import metric_named

_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def sweep_figure(table: pd.DataFrame, varied: Sequence[str], metric: str) -> Figure:
    """Draw one metric, cross-validated, of every model over the runs of a sweep.

    Parameters
    ----------
    table
        One row a run and model: ``run``, ``model``, ``cv_<metric>_mean``, ``cv_<metric>_std``, the varied parameters.
    varied
        Names of the parameters that differ between runs.
    metric
        A key of ``METRICS``, or a dotted path.
    """
    known, mean = metric_named(metric), f"cv_{metric}_mean"
    best = table.iloc[int(np.nanargmax(known.goodness(table[mean])))].to_dict()
    answer = f"{style.humanised(str(best['model']))} in run {best['run'] + 1}, {known.label} {best[mean]:.3f}"
    figure = style.canvas(f"Which of {table['run'].nunique()} runs is best?", answer, *_told(best, varied))
    axes = style.quieten(figure.subplots(), "Run", f"{known.label}, cross-validated (mean and standard deviation)")
    for mark, (model, rows) in zip(_MARKS * len(table), table.groupby("model", sort=False), strict=False):
        axes.errorbar(
            rows["run"] + 1,
            rows[mean],
            rows[f"cv_{metric}_std"],
            fmt=f"{mark}-",
            lw=1,
            ms=5,
            capsize=2,
            label=style.humanised(str(model)),
        )
    axes.set_xticks(sorted(table["run"].unique() + 1))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _told(best: Mapping[Hashable, object], varied: Sequence[str]) -> list[str]:
    return [f"{name} = {best[name]}" for name in varied]
