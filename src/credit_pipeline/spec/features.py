"""Row-wise features and recipes: ``feature_engineering.yml`` and ``recipes.yml``."""

from typing import Literal

from credit_pipeline.spec.base import Scalar, Spec


class FeaturesSpec(Spec):
    """The row-wise features added to every row: ``feature_engineering.yml``. ``None`` adds nothing.

    ``direction`` says for raw and derived numbers how the risk must change with them: 1, it rises; -1, it falls.
    """

    function: str | None = None
    """Dotted path of the function that adds columns to each row."""
    direction: dict[str, Literal[-1, 1]] = {}
    """How the risk must change with a number: 1, it rises; -1, it falls."""


class RecipeSpec(Spec):
    """How columns become features: a recipe function, by short name or dotted path, and its settings.

    ``leave_out`` are columns, raw or derived, that the recipe does not see.
    """

    function: str
    """A recipe of the project by its short name, or the dotted path of another."""
    settings: dict[str, Scalar | list[Scalar]] = {}
    """Arguments of the recipe."""
    leave_out: tuple[str, ...] = ()
    """Columns that the recipe does not see."""
