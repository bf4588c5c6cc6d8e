"""Figures: each one asks a question in its title and answers it in the line below."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.figures.bins import bins_figure
    from credit_pipeline.modelling.figures.columns import permutation_figure, shap_figure
    from credit_pipeline.modelling.figures.cut_off import cut_off_figure
    from credit_pipeline.modelling.figures.dependence import partial_dependence_figure
    from credit_pipeline.modelling.figures.explanation import explanation_figures
    from credit_pipeline.modelling.figures.many_models import (
        comparison_figure,
        figure_rows,
        leaderboard_figure,
        sweep_figure,
    )
    from credit_pipeline.modelling.figures.one_model import (
        calibration_figure,
        gains_figure,
        ks_figure,
        roc_figure,
        score_distribution_figure,
    )
    from credit_pipeline.modelling.figures.residuals import residual_figure, residual_table
    from credit_pipeline.modelling.figures.segments import segment_course_figure, segment_figure
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "bins": ["bins_figure"],
            "columns": ["permutation_figure", "shap_figure"],
            "cut_off": ["cut_off_figure"],
            "dependence": ["partial_dependence_figure"],
            "explanation": ["explanation_figures"],
            "many_models": ["comparison_figure", "figure_rows", "leaderboard_figure", "sweep_figure"],
            "one_model": ["calibration_figure", "gains_figure", "ks_figure", "roc_figure", "score_distribution_figure"],
            "residuals": ["residual_figure", "residual_table"],
            "segments": ["segment_course_figure", "segment_figure"],
        },
    )

__all__ = [
    "bins_figure",
    "calibration_figure",
    "comparison_figure",
    "cut_off_figure",
    "explanation_figures",
    "figure_rows",
    "gains_figure",
    "ks_figure",
    "leaderboard_figure",
    "partial_dependence_figure",
    "permutation_figure",
    "residual_figure",
    "residual_table",
    "roc_figure",
    "score_distribution_figure",
    "segment_course_figure",
    "segment_figure",
    "shap_figure",
    "sweep_figure",
]
