"""Write the JSON Schemas of the parameter files again: ``python tools/write_schemas.py``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, get_args

from pydantic import create_model

from credit_pipeline.spec import ProjectSpec, Spec

SCHEMAS = Path(__file__).parents[1] / "docs/schemas"
OWNED: Mapping[str, str] = {
    "data": "data",
    "data_split": "split",
    "feature_engineering": "features",
    "recipes": "recipes",
    "models": "models",
    "training": "training",
    "deployment": "deployment",
    "generator": "generator",
    "canary": "canary",
}
"""The top-level key that each file of ``conf/<environment>/parameters`` owns."""


def schemas() -> dict[str, str]:
    """Return the text of every schema by the name of its file."""
    return {f"{file}.json": json.dumps(_schema(file, key), indent=1) + "\n" for file, key in OWNED.items()}


def _schema(file: str, key: str) -> dict[str, object]:
    field = ProjectSpec.model_fields[key]
    asked = field.annotation
    if type(None) in get_args(asked):  # the file is optional, but if it exists, it holds its key
        asked = get_args(asked)[0]
    given = Annotated[asked, *field.metadata] if field.metadata else asked
    made = create_model(file, __base__=Spec, __doc__=f"conf/<environment>/parameters/{file}.yml", **{key: (given, ...)})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made.model_json_schema()}


if __name__ == "__main__":
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8", newline="\n")
