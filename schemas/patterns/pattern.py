"""The pattern of a motif: neurons by name, connections that are there, connections that are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import permutations

from schemas.errors import UsageError

Pair = tuple[str, str]
Value = int | float | str | tuple[int | float | str, ...]
MOST_NEURONS = 12  # more would be drawn nowhere and take forever
ORDERING = ("<", "<=", ">", ">=")
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class PatternError(UsageError):
    """A pattern that says nothing, or something impossible."""


@dataclass(frozen=True)
class Place:
    """Where something stands in the text of a pattern; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True)
class Condition:
    """A condition on one attribute.

    Attributes
    ----------
    attribute : str
    operator : str
        One of = != < <= > >= in !in contains !contains. A missing value meets none of them.
    value : number, text, or tuple of these
        A tuple only for `in` and `!in`; a text there is one of which the attribute is a part.
    place : Place or None
        Where it was written.
    """

    attribute: str
    operator: str
    value: Value
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Comparison:
    """A comparison of two neurons' attributes, or of two connections'.

    Attributes
    ----------
    left, right : str or Pair
        Names of neurons, or connections as (pre, post).
    attribute, other : str
        Attribute of `left` and of `right`.
    operator : str
        One of = != < <= > >=.
    """

    left: str | Pair
    attribute: str
    operator: str
    right: str | Pair
    other: str
    place: Place | None = field(default=None, compare=False)

    def turned(self) -> Comparison:
        """Return the same, said from the other side."""
        return replace(
            self,
            left=self.right,
            attribute=self.other,
            operator=OPPOSITE[self.operator],
            right=self.left,
            other=self.attribute,
        )


@dataclass(frozen=True)
class Connection:
    """A connection pre → post that is there, or one that is not.

    Attributes
    ----------
    pre, post : str
        Names of neurons.
    polarity : str or None
        `excitatory` or `inhibitory`: polarity of the presynaptic neuron; None = any.
    conditions : frozenset of Condition
        A connection that is not there: none that meets all of them is.
    """

    pre: str
    post: str
    polarity: str | None = None
    conditions: frozenset[Condition] = frozenset()

    @property
    def pair(self) -> Pair:
        """Both ends."""
        return self.pre, self.post

    @property
    def plain(self) -> bool:
        """Whether nothing is asked but that it is there, or not."""
        return self.polarity is None and not self.conditions


@dataclass(frozen=True)
class Pattern:
    """A motif to look for. Different names are different neurons.

    Attributes
    ----------
    neurons : tuple of str
        Names in the order of their first appearance.
    present : tuple of Connection
        Connections that are there, at most one a pair.
    absent : tuple of Connection
        Connections that are not.
    conditions : tuple of (str, Condition)
        Conditions on neurons.
    comparisons : tuple of Comparison
    induced : bool
        Whether pairs that are not named are unconnected.
    motif : str or None
        MAN code, or `4:code` of four neurons, if it was asked for by name.
    """

    neurons: tuple[str, ...]
    present: tuple[Connection, ...]
    absent: tuple[Connection, ...] = ()
    conditions: tuple[tuple[str, Condition], ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    induced: bool = False
    motif: str | None = None

    def __post_init__(self) -> None:
        if len(self.neurons) > MOST_NEURONS:
            raise PatternError(
                f"the pattern has {len(self.neurons)} neurons, more than {MOST_NEURONS}",
                remedy="look for its parts",
            )

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.neurons)

    @property
    def plain(self) -> bool:
        """Whether it is about connections only: no attribute, weight or polarity."""
        links = (*self.present, *self.absent)
        return not (self.conditions or self.comparisons) and all(link.plain for link in links)

    @property
    def attributes(self) -> bool:
        """Whether neurons have to have attributes."""
        return bool(self.conditions) or any(isinstance(c.left, str) for c in self.comparisons)

    def closed(self, *, induced: bool) -> Pattern:
        """Return the pattern with every absence written out.

        Parameters
        ----------
        induced : bool
            Whether pairs that are not named are unconnected.
        """
        if not induced:
            return replace(self, induced=False)
        connected = {link.pair for link in self.present}
        kept = [link for link in self.absent if link.pair in connected]
        others = [
            Connection(*pair) for pair in permutations(self.neurons, 2) if pair not in connected
        ]
        return replace(self, absent=(*kept, *others), induced=True)

    def text(self) -> str:
        """Write connections that are there on one line, for titles: `A→B, B→C`."""
        said = []
        pairs = [link.pair for link in self.present]
        for pre, post in pairs:
            if (post, pre) not in pairs:
                said.append(f"{pre}→{post}")
            elif (pre, post) < (post, pre):
                said.append(f"{pre}↔{post}")
        return ", ".join(said) or "no connection"


def named(neurons: Iterable[str], edges: Iterable[Pair], motif: str) -> Pattern:
    """Make the induced pattern of a motif that has a name."""
    links = tuple(Connection(*edge) for edge in edges)
    return Pattern(tuple(neurons), links, motif=motif).closed(induced=True)
