"""How estimators are built and constrained, custom estimators, and wrappers that correct probabilities."""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from credit_pipeline.modelling.estimators.building import assemble, build
    from credit_pipeline.modelling.estimators.calibration import Calibrated
    from credit_pipeline.modelling.estimators.calibration_map import BetaMap, IsotonicMap
    from credit_pipeline.modelling.estimators.event_weighting import EventWeighted
    from credit_pipeline.modelling.estimators.neural_network import NeuralNetworkClassifier
    from credit_pipeline.modelling.estimators.prophet import ProphetRegressor
    from credit_pipeline.modelling.estimators.safe_names import PlainNames
    from credit_pipeline.modelling.estimators.scorecard_regression import ScorecardRegression
    from credit_pipeline.modelling.estimators.seasonal_naive import SeasonalNaive
else:
    __getattr__, __dir__, _ = lazy_loader.attach(
        __name__,
        submod_attrs={
            "building": ["assemble", "build"],
            "calibration": ["Calibrated"],
            "calibration_map": ["BetaMap", "IsotonicMap"],
            "event_weighting": ["EventWeighted"],
            "neural_network": ["NeuralNetworkClassifier"],
            "prophet": ["ProphetRegressor"],
            "safe_names": ["PlainNames"],
            "scorecard_regression": ["ScorecardRegression"],
            "seasonal_naive": ["SeasonalNaive"],
        },
    )

__all__ = [
    "BetaMap",
    "Calibrated",
    "EventWeighted",
    "IsotonicMap",
    "NeuralNetworkClassifier",
    "PlainNames",
    "ProphetRegressor",
    "ScorecardRegression",
    "SeasonalNaive",
    "assemble",
    "build",
]
