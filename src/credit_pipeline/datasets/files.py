"""Files that the project writes: each appears complete or not at all, with a version per run."""

import base64
import json
from abc import abstractmethod
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

import pandas as pd
import pyarrow.parquet as pq
from kedro.io.core import AbstractVersionedDataset, Version
from kedro_datasets._typing import ImagePreview, JSONPreview, TablePreview
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator

from credit_pipeline.configuration import open_run
from credit_pipeline.datasets.trusted_types import dump_trusted, load_trusted
from credit_pipeline.storage import publish
from credit_pipeline.storage.atomic import write_error

Saved = TypeVar("Saved")
Loaded = TypeVar("Loaded")


class OwnedFile(AbstractVersionedDataset[Saved, Loaded], Generic[Saved, Loaded]):
    """A local file that appears complete or not at all.

    Parameters
    ----------
    filepath
        Path of the file; with ``versioned: true`` in the catalog, the folder of its versions.
    version
        Given by Kedro.
    metadata
        For other tools, such as Kedro-Viz.
    required
        Whether a missing file is an error. If not, it loads as ``None``, such as the metrics of a model that is not
        trained yet.
    """

    def __init__(
        self,
        *,
        filepath: str,
        version: Version | None = None,
        metadata: dict[str, Any] | None = None,
        required: bool = True,
    ) -> None:
        super().__init__(PurePosixPath(filepath), version)
        self.metadata = metadata
        self._required = required
        self._written = False

    @abstractmethod
    def _write(self, data: Saved, path: Path) -> None: ...

    @abstractmethod
    def _read(self, path: Path) -> Loaded: ...

    def save(self, data: Saved) -> None:
        """Write the file and publish it."""
        path = Path(self._get_save_path())
        try:
            with publish(path, exclusive=self._version is not None) as temporary:
                self._write(data, temporary)
        except OSError as error:
            raise write_error(path, error) from error
        self._written = True

    def load(self) -> Loaded | None:  # type: ignore[override]  # Kedro types loads as never missing
        """Read the version that this run wrote, else the requested version, else the latest."""
        if not self._required and not self.exists():
            return None
        return self._read(self.load_path)

    def resolve_load_version(self) -> str | None:
        """Return the version to load: after a save, that of this run, even if another run has published a later one."""
        if self._written and self._version and not self._version.load:
            return self.resolve_save_version()
        return super().resolve_load_version()

    def _get_versions(self) -> list[str]:
        """List the versions, newest first, without those of runs in progress, which are not complete yet."""
        found: list[str] = super()._get_versions()
        hidden = run.hidden_versions if (run := open_run.current()) else frozenset[str]()
        return [path for path in found if PurePosixPath(path).parent.name not in hidden]

    @property
    def load_path(self) -> Path:
        """Path of the file that would be loaded."""
        return Path(self._get_load_path())

    @property
    def save_version(self) -> str | None:
        """The version of this run; ``None`` if the entry is not versioned."""
        return self.resolve_save_version()

    def _exists(self) -> bool:
        return self.load_path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "version": self._version}


class ParquetTable(OwnedFile[pd.DataFrame, pd.DataFrame]):
    """A table as Parquet. ``attrs`` are kept; equal tables give equal bytes."""

    def _write(self, data: pd.DataFrame, path: Path) -> None:
        data.to_parquet(path, engine="pyarrow", index=False)

    def _read(self, path: Path) -> pd.DataFrame:
        return pd.read_parquet(path, engine="pyarrow")

    def preview(self, rows: int = 50) -> TablePreview:
        """Return the first rows, for Kedro-Viz."""
        file = pq.ParquetFile(self.load_path)
        batch = next(file.iter_batches(batch_size=rows), None)
        frame = file.schema_arrow.empty_table().to_pandas() if batch is None else batch.to_pandas()
        return TablePreview(json.loads(frame.to_json(orient="split", index=False)))


class JsonDocument(OwnedFile[dict[str, Any], dict[str, Any]]):
    """A document as JSON. NaN and infinity are refused."""

    def _write(self, data: dict[str, Any], path: Path) -> None:
        path.write_text(json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")

    def _read(self, path: Path) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document

    def preview(self) -> JSONPreview:
        """Return the document, for Kedro-Viz."""
        return JSONPreview(json.dumps(self.load()))


class TextFile(OwnedFile[str, str]):
    """A text as UTF-8, with its line ends unchanged."""

    def _write(self, data: str, path: Path) -> None:
        path.write_bytes(data.encode())

    def _read(self, path: Path) -> str:
        return path.read_bytes().decode()


class FittedObject(OwnedFile[BaseEstimator, BaseEstimator]):
    """A fitted scikit-learn object as skops, never pickle; only trusted types are written or read."""

    def _write(self, data: BaseEstimator, path: Path) -> None:
        dump_trusted(data, path)

    def _read(self, path: Path) -> BaseEstimator:
        return load_trusted(path)


class PngFigure(OwnedFile[Figure, bytes]):
    """A figure as PNG, loaded as its bytes. Equal figures give equal bytes."""

    def _write(self, data: Figure, path: Path) -> None:
        data.savefig(path, format="png", dpi=150, metadata={"Software": None})

    def _read(self, path: Path) -> bytes:
        return path.read_bytes()

    def preview(self) -> ImagePreview:
        """Return the picture, for Kedro-Viz."""
        return ImagePreview(base64.b64encode(self.load_path.read_bytes()).decode())
