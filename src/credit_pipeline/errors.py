"""How errors are reported: what happened, what was expected, what was found, how to fix it."""

from collections.abc import Callable
from functools import partial
from typing import Self


class CreditPipelineError(Exception):
    """An error that a person can fix.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    expected
        What would have been right.
    got
        What was found instead. Never an applicant's value: column and row number are enough.
    fix
        Where and how to fix it.

    Examples
    --------
    >>> print(CreditPipelineError("No target.", expected="a column 'default'", got="columns a, b", fix="conf/base"))
    No target.
      expected: a column 'default'
      got:      columns a, b
      fix:      conf/base
    """

    def __init__(self, what: str, *, expected: str, got: str, fix: str) -> None:
        self.what, self.expected, self.got, self.fix = what, expected, got, fix
        super().__init__(what, expected, got, fix)

    def __reduce__(self) -> tuple[Callable[[], Self], tuple[()]]:
        """Pickle the arguments by name, so that an error raised in a worker process reaches this one."""
        named = {"expected": self.expected, "got": self.got, "fix": self.fix}
        return partial(type(self), self.what, **named), ()

    def __str__(self) -> str:
        return f"{self.what}\n  expected: {self.expected}\n  got:      {self.got}\n  fix:      {self.fix}"


class ConfigurationError(CreditPipelineError):
    """A YAML file holds something that the project does not understand."""


class DataError(CreditPipelineError):
    """A table breaks its contract."""


class ReplayError(CreditPipelineError):
    """A run cannot be uploaded to MLflow afterwards."""


class TrainingError(CreditPipelineError):
    """A model cannot be fitted or scored as its YAML describes it."""


class StorageError(CreditPipelineError):
    """A file cannot be written; no part of it is left on the disk."""


class SplitMismatchError(CreditPipelineError):
    """A train part and a test part come from different splits."""


class LeakageError(CreditPipelineError):
    """A leak that was planted on purpose was not detected."""


class TrackingUnavailableError(CreditPipelineError):
    """The tracking server does not answer."""


class UnsupportedRunError(CreditPipelineError):
    """A way to run the pipelines that would write a wrong record."""


class RegistryError(CreditPipelineError):
    """The model registry holds something that must not be used."""


class MissingFilesError(RegistryError):
    """The model registry names a version whose files no longer exist."""
