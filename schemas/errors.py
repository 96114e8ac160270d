"""Errors that say what was wrong, where, what was expected and what to do.

They live in this room because every room raises them; the command line turns them into exit
codes (`isocortex.errors`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


class IsocortexError(Exception):
    """Base of all errors meant for a person; its text is complete without a traceback."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(message if remedy is None else f"{message}\n  → {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole from a worker process, whatever a subclass takes to be made."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[IsocortexError], args: tuple[Any, ...], state: dict[str, Any]
) -> IsocortexError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(IsocortexError):
    """A wrong name or argument."""

    exit_code = 2


class SourceUnavailable(IsocortexError):
    """The bytes of a dataset cannot be had here and now; the remedy says how to provide them."""


class WorkersUnavailable(IsocortexError):
    """Workers that cannot be reached, were lost, or would give other numbers."""


class ServerError(IsocortexError):
    """The graph server cannot be started, reached or used."""


class QueryRefused(IsocortexError):
    """A query that the read-only console does not run."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    `row` counts as a text editor does: the header line is row 1. It is None where rows make
    no sense.
    """

    file: str
    what: str
    expected: str
    remedy: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row:,}"
        if self.column is not None:
            place += f", column {self.column!r}"
        return f"{place}: {self.what}; expected {self.expected}\n  → {self.remedy}"


class InputError(IsocortexError):
    """Bad input: every failure found, in one report."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem], *, found: int | None = None) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one problem")
        self.problems = tuple(problems)
        self.found = len(self.problems) if found is None else found
        lines = [str(problem) for problem in self.problems]
        if self.found > len(lines):
            lines.append(f"… and {self.found - len(lines):,} more")
        super().__init__("\n".join(lines))

    def as_dict(self) -> dict[str, Any]:
        """Machine-readable report."""
        return {"found": self.found, "problems": [asdict(p) for p in self.problems]}
