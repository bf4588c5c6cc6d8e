"""The contract of the raw table: ``data.yml``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from credit_pipeline.spec.base import Code, Marks, Spec, Task

Role = Literal["identifier", "target", "numeric", "categorical", "date", "group", "ignored"]
ColumnType = Literal["integer", "number", "text", "date"]


class ColumnSpec(Spec):
    """One column of the raw table: its role and the values that it may hold.

    ``range`` includes both ends; ``None`` leaves a side open. ``categories`` and ``special_codes`` map a code to its
    meaning. A special code is a value with its own meaning (no consumption, not documented); it is allowed outside the
    range. ``missing`` says whether cells may be empty; a list of texts, such as ``["?", "NA"]``, says that these mean
    empty too. ``format`` says how a date is written, as for ``strptime``; without it dates follow ISO 8601.
    ``function`` is the dotted path of the function that builds the target from the other columns, where the raw table
    has no target.
    """

    role: Role
    """What the project does with the column."""
    type: ColumnType = "number"
    """How its cells are read. ``date`` is only for the roles ``date`` and ``ignored``."""
    meaning: str = ""
    """What the column means, in words; for readers only."""
    unit: str | None = None
    """The unit of its numbers, in words; for readers only."""
    range: tuple[float | None, float | None] | None = None
    """Smallest and greatest allowed number, both included; ``null`` leaves a side open."""
    categories: dict[Code, str] | None = None
    """The allowed values, each with its meaning; a categorical column needs them."""
    special_codes: dict[Code, str] = {}
    """Values with their own meaning, each with that meaning; they are allowed outside the range."""
    missing: bool | Marks = False
    """Whether cells may be empty, or the texts that mean empty."""
    format: str | None = None
    """How a date is written, as for ``strptime``; without it dates follow ISO 8601."""
    function: str | None = None
    """Dotted path of the function that builds the target, where the raw table has no target."""

    @model_validator(mode="after")
    def _values_fit_the_type(self) -> Self:
        if self.type in ("text", "date") and self.range is not None:
            raise ValueError(f"a {self.type} column has no range")
        if self.type == "date" and (self.role not in ("date", "ignored") or self.categories or self.special_codes):
            raise ValueError("a date column has the role 'date' or 'ignored', no categories and no codes")
        if self.role == "categorical" and not self.categories:
            raise ValueError("a categorical column lists its categories")
        return self

    @model_validator(mode="after")
    def _keys_fit_the_role(self) -> Self:
        if self.role == "date" and (self.type != "date" or self.missing):
            raise ValueError("a column of the role 'date' has the type 'date', and none is missing")
        if self.format is not None and self.type != "date":
            raise ValueError("'format' is how a column of the type 'date' is written")
        if self.function is not None and self.role != "target":
            raise ValueError("'function' builds the target; no other column may have it")
        return self

    @model_validator(mode="after")
    def _codes_are_of_the_type(self) -> Self:
        numbers = self.type != "text"
        if any(isinstance(code, int) != numbers for code in (*(self.categories or {}), *self.special_codes)):
            raise ValueError(f"codes of a {self.type} column are {'whole numbers' if numbers else 'texts, in quotes'}")
        return self

    @model_validator(mode="after")
    def _a_mark_is_not_a_code(self) -> Self:
        marks = () if isinstance(self.missing, bool) else self.missing
        if both := [
            mark for mark in marks if mark in {str(code) for code in (*(self.categories or ()), *self.special_codes)}
        ]:
            raise ValueError(f"{both[0]!r} means missing or is a code, not both")
        return self

    @model_validator(mode="after")
    def _range_runs_upwards(self) -> Self:
        lower, upper = self.range or (None, None)
        if lower is not None and upper is not None and not lower <= upper:
            raise ValueError(f"'range' runs from {lower:g} down to {upper:g}")
        return self


class DataSpec(Spec):
    """The contract of the raw table: ``data.yml``.

    ``event`` is the value of a classification's target that means default. ``naive`` names the column that holds the
    naive forecast of a regression's target; its mean absolute error on train is the unit of the metric ``mase``.
    """

    task: Task = "classification"
    """What the models predict: an event, or a number."""
    event: Code = 1
    """The value of a classification's target that means default."""
    naive: str | None = None
    """The numeric column that holds the naive forecast of a regression's target."""
    maximum_quarantined_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    """The largest share of rows that may break the contract; more stop the run."""
    columns: Annotated[dict[str, ColumnSpec], Field(min_length=2)]
    """Every column of the raw table by its name; exactly one has the role ``target``."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        for role in ("target", "identifier", "date", "group"):
            found = self.named(role)
            if len(found) > 1 or (role == "target" and not found):
                raise ValueError(f"exactly one column has the role '{role}', found {list(found) or 'none'}")
        if not self.inputs:
            raise ValueError("no column has the role 'numeric' or 'categorical'")
        return self

    @model_validator(mode="after")
    def _event_is_a_class(self) -> Self:
        classes = self.columns[self.target].categories
        if self.task == "regression":
            if classes is not None or self.columns[self.target].type not in ("integer", "number"):
                raise ValueError("the target of a regression is a number without categories")
        elif classes is not None and self.event not in classes:
            raise ValueError(
                f"event {self.event!r} is not a category of the target; its categories are {list(classes)}"
            )
        return self

    @model_validator(mode="after")
    def _naive_is_a_number(self) -> Self:
        if self.naive is not None and (self.task != "regression" or self.naive not in self.named("numeric")):
            raise ValueError("'naive' names a numeric column of a regression")
        return self

    def named(self, *roles: str) -> tuple[str, ...]:
        """Names of the columns that have one of the roles, in the table's order."""
        return tuple(name for name, column in self.columns.items() if column.role in roles)

    def with_column(self, name: str, column: ColumnSpec) -> Self:
        """Return the contract with one more column, or another one of that name; the whole is not validated again."""
        return self.model_copy(update={"columns": {**self.columns, name: column}})

    @property
    def target(self) -> str:
        """Name of the target column."""
        return self.named("target")[0]

    @property
    def identifier(self) -> str | None:
        """Name of the identifier column, if the table has one."""
        return next(iter(self.named("identifier")), None)

    @property
    def date(self) -> str | None:
        """Name of the column with the date of the application, if there is one."""
        return next(iter(self.named("date")), None)

    @property
    def group(self) -> str | None:
        """Name of the column that identifies the borrower or other group of a row, if there is one."""
        return next(iter(self.named("group")), None)

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of the columns that are kept next to the features and that no model sees."""
        return self.named("identifier", "date", "group", "target")

    @property
    def target_function(self) -> str | None:
        """Dotted path of the function that builds the target, if the raw table has no target."""
        return self.columns[self.target].function

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the columns that a model sees."""
        return self.named("numeric", "categorical")
