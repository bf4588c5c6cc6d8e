"""Adapters between the catalog, the planted leaks and the lifecycle's own features, search, evaluation and checks."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import pandas as pd
from sklearn.pipeline import Pipeline

from credit_pipeline.core import Estimate
from credit_pipeline.errors import LeakageError
from credit_pipeline.modelling.explanation import permutation_importance
from credit_pipeline.modelling.splitting import canary as planting
from credit_pipeline.modelling.splitting import canary_findings, leakage, require_parts_of, schemes
from credit_pipeline.modelling.splitting.canary import Parts
from credit_pipeline.modelling.splitting.canary_findings import Finding
from credit_pipeline.modelling.training import Evaluation
from credit_pipeline.pipelines.feature_engineering import nodes as features_of
from credit_pipeline.pipelines.training import nodes as training_of
from credit_pipeline.spec import CanarySpec, DataSpec, ModelSpec, RecipeSpec, TrainingSpec

Document = dict[str, object]
AUC = "roc_auc"
_DEALS = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Lifecycle:
    """What every run of the quick model shares."""

    manifest: Document
    specs: Mapping[str, Document]
    canary: CanarySpec

    def run(self, parts: Parts, data: DataSpec) -> tuple[Pipeline, Evaluation]:
        """Take planted parts through features, recipe, search and evaluation, as ``kedro run`` would."""
        specs = {**self.specs, "data": data.model_dump()}
        derived = features_of.derive_features(parts.train, parts.test, self.manifest, specs["data"], specs["features"])
        recipe, _, _, table, _ = features_of.fit_recipe(*derived, specs["recipe"], specs["data"], specs["features"])
        fitted, result, _ = training_of.search_model("canary", derived[0], table, recipe, self.manifest, **specs)
        evaluation, _ = training_of.evaluate_model(fitted, result, parts.test, self.manifest, **specs)
        return fitted, Evaluation.model_validate(evaluation)


def plant_leaks(
    train: pd.DataFrame,
    test: pd.DataFrame,
    manifest: Document,
    data: Document,
    features: Document,
    recipes: dict[str, Document],
    models: dict[str, Document],
    training_: Document,
    canary: Document,
) -> Document:
    """Plant one leak after another, and say of each whether it is exposed."""
    contract, spec = DataSpec.model_validate(data), CanarySpec.model_validate(canary)
    planting.require_classification(contract)
    require_parts_of(manifest, {"train": train, "test": test})
    name, model, recipe = planting.quick_model(
        {name: ModelSpec.model_validate(model) for name, model in models.items()},
        {name: RecipeSpec.model_validate(recipe) for name, recipe in recipes.items()},
        spec,
    )
    quick = {
        "model": model.model_dump(),
        "recipe": recipe.model_dump(),
        "features": features,
        "training_": planting.quick_training(TrainingSpec.model_validate(training_)).model_dump(),
    }
    findings = list(_findings(Parts(train, test), contract, _Lifecycle(manifest, quick, spec)))
    return {
        "model": name,
        "exposed": all(finding.exposed is not False for finding in findings),
        "canaries": [asdict(finding) for finding in findings],
    }


def _findings(parts: Parts, data: DataSpec, lifecycle: _Lifecycle) -> Iterator[Finding]:
    few = planting.sample_parts(parts, lifecycle.canary)
    for find in (_target, _future, _shuffled):
        yield (finding := find(few, data, lifecycle))
        _log.info("%s: %s", finding.canary, finding.found)
    yield _copies(parts, data, lifecycle.canary)


def _target(parts: Parts, data: DataSpec, lifecycle: _Lifecycle) -> Finding:
    planted, contract = planting.target_on_train(parts, data, lifecycle.canary.seed), planting.with_planted_column(data)
    _, evaluation = lifecycle.run(planted, contract)
    cross_validated = evaluation.metrics[f"cv_{AUC}_mean"]
    return canary_findings.judge_target(
        cross_validated, _tested(evaluation), _suspects(planted, contract), lifecycle.canary
    )


def _future(parts: Parts, data: DataSpec, lifecycle: _Lifecycle) -> Finding:
    if data.date is None:
        return canary_findings.NO_DATE
    planted, contract = (
        planting.column_of_the_future(parts, data, lifecycle.canary.seed),
        planting.with_planted_column(data),
    )
    fitted, _ = lifecycle.run(planted, contract)
    importance = permutation_importance(fitted, planted.test, schemes.outcome(planted.test, contract))
    return canary_findings.judge_future(
        _suspects(planted, contract), dict(zip(importance["feature"], importance["importance"], strict=True))
    )


def _shuffled(parts: Parts, data: DataSpec, lifecycle: _Lifecycle) -> Finding:
    """Deal again where the interval misses 0.5: of a sound lifecycle one of twenty does."""
    found: list[Estimate] = []
    for deal in range(_DEALS):
        _, evaluation = lifecycle.run(planting.shuffled_target(parts, data, lifecycle.canary.seed + deal), data)
        found.append(_tested(evaluation))
        if found[-1].lower <= 1 / 2 <= found[-1].upper:
            break
    return canary_findings.judge_shuffled(found)


def _copies(parts: Parts, data: DataSpec, spec: CanarySpec) -> Finding:
    planted, copied = planting.copied_rows(parts, spec)
    return canary_findings.judge_copies(planting.duplicates(parts, data), planting.duplicates(planted, data), copied)


def _tested(evaluation: Evaluation) -> Estimate:
    return evaluation.estimates[AUC]


def _suspects(parts: Parts, data: DataSpec) -> dict[str, str]:
    known = schemes.outcome(parts.train, data)
    return leakage.suspicious_columns(
        parts.train, known, numeric=data.named("numeric"), categorical=data.named("categorical")
    )


def require_exposed(report: Document) -> None:
    """End the run with a fault unless every planted leak was exposed.

    Raises
    ------
    LeakageError
        One was not: a leak of that kind would go unnoticed in a real table.
    """
    lines = [finding for finding in _lines(report) if finding["exposed"] is False]
    if lines:
        raise LeakageError(
            f"A planted leak was not exposed: {', '.join(str(line['canary']) for line in lines)}.",
            expected="; ".join(str(line["expected"]) for line in lines),
            got="; ".join(str(line["found"]) for line in lines),
            fix="a check that is blind, or a table in which the leak cannot be told: see canary_report.json;"
            " rows, gap and copies in conf/<environment>/parameters/canary.yml",
        )


def _lines(report: Document) -> list[Document]:
    found = report["canaries"]
    return found if isinstance(found, list) else []
