"""What is asked of single synapses, and what is added up of those that are kept."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from schemas.errors import UsageError

RESERVED = frozenset({"pre", "post", "weight", "split", "fate"})
"""Names that mean something else while connections are counted."""
_CONDITION = re.compile(r"(?P<column>[^<>=]+?)\s*(?P<sign>>=|<=|=)\s*(?P<value>.+)")


@dataclass(frozen=True)
class Condition:
    """What is asked of a synapse: `score>=50`, `x<=1200`, `region=VISp|VISl`.

    Attributes
    ----------
    column : str
    sign : str
        `>=`, `<=` or `=`.
    values : tuple of str
        One number, or the labels that are wanted.
    """

    column: str
    sign: str
    values: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Condition:
        """Take a condition apart.

        Raises
        ------
        UsageError
            If it is none.
        """
        match = _CONDITION.fullmatch(text.strip())
        if match is None or match["value"].startswith("="):
            raise UsageError(
                f"{text!r} is no condition",
                remedy="write it as score>=50, x<=1200 or region=VISp|VISl",
            )
        values = tuple(value.strip() for value in match["value"].split("|"))
        if match["sign"] != "=":
            try:
                known = math.isfinite(float(values[0]))
            except ValueError:
                known = False
            if len(values) != 1 or not known:
                raise UsageError(
                    f"{text!r}: a number must follow {match['sign']}",
                    remedy="write it as score>=50 or x<=1200",
                )
        return cls(match["column"].strip(), match["sign"], values)

    def __str__(self) -> str:
        return f"{self.column}{self.sign}{'|'.join(self.values)}"


@dataclass(frozen=True)
class Choice:
    """What becomes of the synapses.

    Attributes
    ----------
    conditions : tuple of Condition
        All must hold; an empty cell or NaN holds none.
    sums : tuple of str
        Columns to add up per connection, kept beside the count under their own names.
    minimum : int
        Synapses that make a connection.
    """

    conditions: tuple[Condition, ...] = ()
    sums: tuple[str, ...] = ()
    minimum: int = 1


def may_be(condition: Condition, kind: pa.DataType) -> bool:
    """Whether a column of this type can hold labels as a condition writes them."""
    if condition.sign != "=":
        return True
    if pa.types.is_boolean(kind):
        return set(condition.values) <= {"true", "false"}
    return not pa.types.is_floating(kind)


def check_sums(sums: Sequence[str]) -> None:
    """Refuse to add up a column under a name that means something else in the result.

    Raises
    ------
    UsageError
        With the first such name.
    """
    for name, count in Counter(name.lower() for name in sums).items():
        if name in RESERVED or count > 1:
            why = "is there twice" if count > 1 else "means something else in the result"
            raise UsageError(
                f"--add-up: the name {name!r} {why}",
                remedy="rename the column, or name every column once",
            )
