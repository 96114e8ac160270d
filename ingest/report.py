"""Problems collected over a whole input and raised together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from schemas.errors import InputError, Problem

LISTED = 20
"""Problems of one kind that are listed; all are counted."""

Rows = Callable[[npt.NDArray[np.int64]], list[int]]
"""Turns places in a table (from 0) into row numbers of the file, as an editor counts."""


class Report:
    """Collects problems and raises them together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.found = 0

    def add(self, problems: Iterable[Problem], found: int) -> None:
        """Add problems of one kind, of which `found` exist."""
        self.problems += list(problems)
        self.found += found

    def whole(self, file: str, what: str, expected: str, remedy: str) -> None:
        """Add a problem of a file as a whole."""
        self.add([Problem(file=file, what=what, expected=expected, remedy=remedy)], 1)

    def cells(
        self,
        bad: npt.NDArray[np.bool_],
        says: Callable[[int], str],
        *,
        file: str,
        rows: Rows | None,
        column: str,
        expected: str,
        remedy: str,
    ) -> None:
        """Add the bad cells of one column.

        Parameters
        ----------
        bad : bool array
            One element per row of the table.
        says : callable
            What is wrong with the cell at a place.
        file, column, expected, remedy : str
        rows : Rows or None
            None where places in the table are no rows of the file.
        """
        places = np.flatnonzero(bad)
        listed = places[:LISTED].astype(np.int64)
        numbers: list[int | None] = [None] * len(listed)
        if rows is not None and len(listed):
            numbers = list(rows(listed))
        self.add(
            [
                Problem(
                    file=file,
                    row=number,
                    column=column,
                    what=says(int(place)),
                    expected=expected,
                    remedy=remedy,
                )
                for place, number in zip(listed, numbers, strict=True)
            ],
            len(places),
        )

    def settle(self) -> None:
        """Raise what was collected.

        Raises
        ------
        InputError
            If there is a problem.
        """
        if self.problems:
            raise InputError(self.problems, found=self.found)


def counted_from(first: int) -> Rows:
    """Row numbers of a file in which row `first` is the first of the table, without gaps."""
    return lambda places: [int(place) + first for place in places]
