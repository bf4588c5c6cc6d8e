"""The identity of a split: parts of different splits must not be combined."""

from collections.abc import Mapping

import pandas as pd

from credit_pipeline.errors import SplitMismatchError

SPLIT_ID = "split_id"


def split_id_of(frame: pd.DataFrame, name: str) -> str:
    """Give the split id that a part carries.

    Raises
    ------
    SplitMismatchError
        The part carries no split id.
    """
    split_id = frame.attrs.get(SPLIT_ID)
    if not isinstance(split_id, str):
        raise SplitMismatchError(
            f"'{name}' does not say which split it comes from.",
            expected="a table written by the pipeline data_split",
            got="a table without a split id",
            fix="kedro run --pipelines data_split,feature_engineering",
        )
    return split_id


def require_one_split(split_ids: Mapping[str, str]) -> str:
    """Give the split id that all parts share.

    Parameters
    ----------
    split_ids
        The split id by the name of the dataset that carries it.

    Raises
    ------
    SplitMismatchError
        The parts come from different splits.

    Examples
    --------
    >>> require_one_split({"train": "a1", "test": "a1"})
    'a1'
    """
    if len(set(split_ids.values())) > 1:
        raise SplitMismatchError(
            "Train and test come from different splits.",
            expected="one split id",
            got=", ".join(f"{name}: {split_id}" for name, split_id in split_ids.items()),
            fix="load versions of one run, --load-versions train:<version>,test:<version>,split_manifest:<version>"
            " through feature_engineering, or run data_split again",
        )
    return next(iter(split_ids.values()))


def require_parts_of(manifest: Mapping[str, object], parts: Mapping[str, pd.DataFrame]) -> str:
    """Give the split id of a manifest and of all its parts.

    Parameters
    ----------
    manifest
        The manifest that ``data_split`` wrote with the parts.
    parts
        Tables by dataset name; each carries a split id.

    Raises
    ------
    SplitMismatchError
        A part carries no split id, or another one.
    """
    carried = {name: split_id_of(part, name) for name, part in parts.items()}
    return require_one_split({**carried, "split_manifest": str(manifest.get(SPLIT_ID))})
