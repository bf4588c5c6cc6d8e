"""Adapters between the catalog, the planted leaks, and the features, search, evaluation and checks of the lifecycle."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import pandas as pd
from sklearn.pipeline import Pipeline

from credit_pipeline.configuration import as_specification, takes_specifications
from credit_pipeline.core import Estimate
from credit_pipeline.core.metric_names import cross_validated
from credit_pipeline.errors import LeakageError
from credit_pipeline.modelling.explanation import permutation_importance
from credit_pipeline.modelling.splitting import canary as planting
from credit_pipeline.modelling.splitting import canary_findings, leakage, require_parts_of, schemes
from credit_pipeline.modelling.splitting.canary import Parts
from credit_pipeline.modelling.splitting.canary_findings import Finding
from credit_pipeline.modelling.training import Assignment, Evaluation, describe, lifecycle
from credit_pipeline.modelling.training.evaluation import evaluate
from credit_pipeline.pipelines.training.progress import progress
from credit_pipeline.spec import CanarySpec, DataSpec, FeaturesSpec, ModelSpec, RecipeSpec, SplitSpec, TrainingSpec

Document = dict[str, object]
AUC = "roc_auc"
_DEALS = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _QuickModel:
    """The model that every planted leak is tried on, and all that its training depends on beside the contract."""

    manifest: Document
    model: ModelSpec
    recipe: RecipeSpec
    features: FeaturesSpec
    training: TrainingSpec
    canary: CanarySpec

    def run(self, parts: Parts, data: DataSpec) -> tuple[Pipeline, Evaluation]:
        """Take planted parts through features, recipe, search and evaluation, as ``kedro run`` would."""
        derived = lifecycle.derive(parts.train, data, self.features)
        fitted, table = lifecycle.fit_recipe(derived, self.recipe, data, self.features)
        scheme = as_specification(SplitSpec, schemes.scheme_of(self.manifest))
        assigned = Assignment(self.model, self.recipe, data, self.features, self.training, scheme)
        trained = lifecycle.train_named("canary", assigned, derived, fitted, table, progress=progress("canary"))
        summary = describe("canary", assigned, trained, str(self.manifest["split_id"]))
        tested = lifecycle.measure_on_test(trained.pipeline, summary, parts.test, data, self.training)
        return trained.pipeline, evaluate(summary, tested.estimates, tested.sample.outcome)


@takes_specifications
def plant_leaks(
    train: pd.DataFrame,
    test: pd.DataFrame,
    manifest: Document,
    data: DataSpec,
    features: FeaturesSpec,
    recipes: Mapping[str, RecipeSpec],
    models: Mapping[str, ModelSpec],
    training_: TrainingSpec,
    canary: CanarySpec,
) -> Document:
    """Plant one leak after another, and report for each whether it is exposed.

    Parameters
    ----------
    train, test
        The parts, each of shape (rows, columns).
    manifest
        The split that both must belong to.
    data, features, recipes, models, training_
        The specifications of this run.
    canary
        Which model is run, on how many rows, and from where on a leak counts as exposed.
    """
    planting.require_classification(data)
    require_parts_of(manifest, {"train": train, "test": test})
    name, model, recipe = planting.quick_model(models, recipes, canary)
    quick = _QuickModel(manifest, model, recipe, features, planting.quick_training(training_), canary)
    findings = list(_findings(Parts(train, test), data, quick))
    exposed = all(finding.exposed is not False for finding in findings)
    return {"model": name, "exposed": exposed, "canaries": [asdict(finding) for finding in findings]}


def _findings(parts: Parts, data: DataSpec, quick: _QuickModel) -> Iterator[Finding]:
    few = planting.sample_parts(parts, quick.canary)
    for find in (_target, _future, _shuffled):
        yield (finding := find(few, data, quick))
        _log.info("%s: %s", finding.canary, finding.found)
    yield _copies(parts, data, quick.canary)


def _target(parts: Parts, data: DataSpec, quick: _QuickModel) -> Finding:
    planted, contract = planting.target_on_train(parts, data, quick.canary.seed), planting.with_planted_column(data)
    _, evaluation = quick.run(planted, contract)
    auc = evaluation.metrics[cross_validated(AUC).mean]
    return canary_findings.judge_target(auc, _tested(evaluation), _suspects(planted, contract), quick.canary)


def _future(parts: Parts, data: DataSpec, quick: _QuickModel) -> Finding:
    if data.date is None:
        return canary_findings.NO_DATE
    planted, contract = (
        planting.column_of_the_future(parts, data, quick.canary.seed),
        planting.with_planted_column(data),
    )
    fitted, _ = quick.run(planted, contract)
    importance = permutation_importance(fitted, planted.test, schemes.outcome(planted.test, contract))
    return canary_findings.judge_future(
        _suspects(planted, contract), dict(zip(importance["feature"], importance["importance"], strict=True))
    )


def _shuffled(parts: Parts, data: DataSpec, quick: _QuickModel) -> Finding:
    """Shuffle again where the interval misses 0.5: in a sound lifecycle one interval of twenty does."""
    found: list[Estimate] = []
    for deal in range(_DEALS):
        _, evaluation = quick.run(planting.shuffled_target(parts, data, quick.canary.seed + deal), data)
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
    """End the run with an error unless every planted leak was exposed.

    Raises
    ------
    LeakageError
        A leak was not exposed: one of that kind would go unnoticed in a real table.
    """
    lines = [finding for finding in _lines(report) if finding["exposed"] is False]
    if lines:
        raise LeakageError(
            f"A planted leak was not exposed: {', '.join(str(line['canary']) for line in lines)}.",
            expected="; ".join(str(line["expected"]) for line in lines),
            got="; ".join(str(line["found"]) for line in lines),
            fix="a check that misses it, or a table in which the leak cannot be detected: see canary_report.json;"
            " rows, gap and copies in conf/<environment>/parameters/canary.yml",
        )


def _lines(report: Document) -> list[Document]:
    found = report["canaries"]
    return found if isinstance(found, list) else []
