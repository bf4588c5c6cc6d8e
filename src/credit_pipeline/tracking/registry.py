"""The model registry: a version is made once, an alias can move."""

import json
from collections.abc import Mapping
from typing import Any

from kedro.io import AbstractDataset
from kedro.io.core import Version
from kedro_datasets._typing import JSONPreview
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from credit_pipeline.datasets import JsonDocument
from credit_pipeline.errors import RegistryError
from credit_pipeline.tracking import tracked_runs
from credit_pipeline.tracking.registered_model import (
    FINGERPRINT,
    RegisteredModel,
    UnusableModel,
    load_version,
    registry_client,
)


class RegistryVersion(JsonDocument):
    """A version of a registered model. A request with the fingerprint of the latest version makes no new version.

    Parameters
    ----------
    registered_model
        Name in the registry.
    """

    def __init__(
        self,
        *,
        filepath: str,
        registered_model: str,
        version: Version | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(filepath=filepath, version=version, metadata=metadata)
        self._registered_model = registered_model

    def save(self, data: Mapping[str, Any]) -> None:
        """Register a request (``model_uri``, ``run_id``, ``description``, ``tags``) unless it is the latest already.

        Nothing is registered if the request has no ``model_uri``, or if the server is lost; the reason is kept.
        """
        document: dict[str, Any] = {"version": None, "reason": data.get("reason") or tracked_runs.reason_untracked()}
        if data["model_uri"] is not None and not tracked_runs.reason_untracked():
            try:
                document = self._registered(data)
            except tracked_runs.UNREACHABLE as error:
                tracked_runs.note_loss(error)
                document["reason"] = tracked_runs.LOST
        super().save(document)

    def _registered(self, data: Mapping[str, Any]) -> dict[str, Any]:
        client = registry_client()
        _ensure_registered(client, self._registered_model)
        latest = latest_version(client, self._registered_model)
        new = latest is None or latest.tags.get(FINGERPRINT) != data["tags"][FINGERPRINT]
        version = self._create(client, data) if latest is None or new else latest
        document = {"name": self._registered_model, "version": str(version.version), "new": new}
        return {**document, "model": data["tags"]["model"], "fingerprint": data["tags"][FINGERPRINT]}

    def _create(self, client: MlflowClient, request: Mapping[str, Any]) -> ModelVersion:
        return client.create_model_version(
            self._registered_model,
            source=request["model_uri"],
            run_id=request["run_id"],
            # A server takes an artifact only from the run or the logged model that the request names.
            model_id=request["model_uri"].removeprefix("models:/"),
            tags=dict(request["tags"]),
            description=request["description"],
        )


class RegistryAlias(AbstractDataset[Mapping[str, Any], RegisteredModel | UnusableModel | None]):
    """The version that an alias points to. Saving a document with ``version`` moves the alias; tags are set first.

    Parameters
    ----------
    registered_model, alias
        Names in the registry.
    required
        Whether a missing alias is an error; otherwise it loads as ``None``.
    """

    def __init__(
        self, *, registered_model: str, alias: str, required: bool = True, metadata: dict[str, Any] | None = None
    ) -> None:
        self._registered_model = registered_model
        self._alias = alias
        self._required = required
        self.metadata = metadata

    def save(self, data: Mapping[str, Any]) -> None:
        """Set the tags of a version, then point the alias to it.

        Without a ``version`` the alias does not move, but it is removed from the version named by ``without``.
        """
        if tracked_runs.reason_untracked():
            return
        try:
            self._move(registry_client(), data)
        except tracked_runs.UNREACHABLE as error:
            tracked_runs.note_loss(error)

    def _move(self, client: MlflowClient, data: Mapping[str, Any]) -> None:
        if data["version"] is None:
            self._remove_from(client, data.get("without"))
            return
        self._require_unmoved(data)
        _require_finished(client, self._registered_model, data["version"])
        for key, value in data.get("tags", {}).items():
            client.set_model_version_tag(self._registered_model, data["version"], key, str(value))
        client.set_registered_model_alias(self._registered_model, self._alias, data["version"])

    def _require_unmoved(self, data: Mapping[str, Any]) -> None:
        """Refuse to move an alias if the version that was compared is not the one that it points to now."""
        found = self._find()
        pointed = str(found.version) if found else None
        if "standing" in data and pointed not in {data["standing"], data["version"]}:
            raise RegistryError(
                f"During this run, another run moved the alias '{self._alias}' of '{self._registered_model}'.",
                expected=f"version {data['standing'] or 'none'}, which this run was compared with",
                got=f"version {pointed or 'none'}",
                fix="kedro run --pipelines deployment, which compares with the new one",
            )

    def _remove_from(self, client: MlflowClient, version: str | None) -> None:
        found = self._find()
        if found is not None and str(found.version) == version:
            client.delete_registered_model_alias(self._registered_model, self._alias)

    def load(self) -> RegisteredModel | UnusableModel | None:
        """Load the version that the alias points to.

        If the version is not ``required``, a missing one loads as ``None``, and one that must not be used as an
        ``UnusableModel`` with the reason.

        Raises
        ------
        RegistryError
            A required version is missing or must not be used.
        """
        version, loss = "of unknown number", tracked_runs.loss()
        try:
            found = None if tracked_runs.reason_untracked() else self._find()
            if found is not None:
                version = str(found.version)
                return load_version(self._registered_model, version)
        except RegistryError as error:
            if self._required:
                raise
            return UnusableModel(self._registered_model, version, f"{error.what} ({error.got})")
        except tracked_runs.UNREACHABLE as error:
            loss = tracked_runs.note_loss(error)
        self._refuse_if_required()
        return UnusableModel(self._registered_model, version, loss, loss=True) if loss else None

    def _refuse_if_required(self) -> None:
        if self._required:
            raise RegistryError(
                f"'{self._registered_model}' has no {self._alias}.",
                expected=f"a version with the alias '{self._alias}'",
                got=tracked_runs.reason_untracked() or "none",
                fix="set tracking to now and run kedro run; "
                "if no version passes its gates, the gate report gives the reason",
            )

    def preview(self) -> JSONPreview:
        """Show version, aliases and metrics on the node in Kedro-Viz."""
        found = self._find()
        if found is None:
            return JSONPreview(json.dumps({"model": self._registered_model, self._alias: "no version yet"}))
        client = registry_client()
        return JSONPreview(json.dumps(_describe_version(client, self._registered_model, str(found.version))))

    def _find(self) -> ModelVersion | None:
        try:
            return registry_client().get_model_version_by_alias(self._registered_model, self._alias)
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise

    def _exists(self) -> bool:
        return self._find() is not None

    def _describe(self) -> dict[str, Any]:
        return {"registered_model": self._registered_model, "alias": self._alias}


def _require_finished(client: MlflowClient, name: str, version: str) -> None:
    """Refuse an alias for a version whose run did not finish."""
    run_id = client.get_model_version(name, version).run_id
    status = client.get_run(run_id).info.status if run_id else "no run"
    if status != "FINISHED":
        raise RegistryError(
            f"'{name}' version {version} comes from a run that did not finish.",
            expected="FINISHED",
            got=str(status),
            fix="train the model again",
        )


def latest_version(client: MlflowClient, name: str) -> ModelVersion | None:
    """Return the version with the highest number."""
    versions = client.search_model_versions(f"name = '{name}'")
    return max(versions, key=lambda version: int(version.version), default=None)


def _ensure_registered(client: MlflowClient, name: str) -> None:
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _describe_version(client: MlflowClient, name: str, version: str) -> dict[str, Any]:
    found = client.get_model_version(name, version)
    aliases = client.get_registered_model(name).aliases
    metrics = client.get_run(found.run_id).data.metrics if found.run_id else {}
    return {
        "model": name,
        "version": str(found.version),
        "aliases": sorted(alias for alias, pointed in aliases.items() if str(pointed) == str(found.version)),
        "trained as": found.tags.get("model", ""),
        "metrics": {key: round(value, 4) for key, value in sorted(metrics.items())},
        "annotation": found.description or "",
    }
