"""Symmetries of a pattern: which names can change places without changing what is asked for.

Two placements of a pattern that differ by a symmetry are the same subgraph with other names. The
conditions of Grochow & Kellis (2007, DOI 10.1007/978-3-540-71681-5_7) keep one of them: take the
first name that a symmetry moves, demand that its neuron has the smallest id among those to which
symmetries take it, hold it fixed, and go on. The sizes of these orbits multiply to the number of
symmetries, so the group is never written out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from functools import cached_property
from math import prod

from schemas.patterns.pattern import Comparison, Pair, Pattern


class Symmetry:
    """The symmetries of a pattern, conditions and comparisons included."""

    def __init__(self, pattern: Pattern) -> None:
        self.names = pattern.neurons
        self._colour = _colours(pattern)
        self._kind = _kinds(pattern)
        self._links = {
            key
            for one in pattern.comparisons
            if not isinstance(one.left, str)
            for key in (_key(one), _key(one.turned()))
        }

    def takes(self, first: str, second: str) -> bool:
        """Whether some symmetry takes one name to another."""
        return self._extends({}, first, second)

    @cached_property
    def orbits(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Names that are moved while those before are held, each with where it can go."""
        found = []
        fixed: dict[str, str] = {}
        for name in self.names:
            reached = tuple(
                other
                for other in self.names
                if other not in fixed and other != name and self._extends(fixed, name, other)
            )
            if reached:
                found.append((name, reached))
            fixed[name] = name
        return tuple(found)

    @property
    def order(self) -> tuple[Pair, ...]:
        """Pairs (a, b): the id of a's neuron is below that of b's in what is kept."""
        return tuple((name, other) for name, reached in self.orbits for other in reached)

    @property
    def size(self) -> int:
        """Number of symmetries, the identity among them."""
        return prod(1 + len(reached) for _, reached in self.orbits)

    def _extends(self, fixed: dict[str, str], name: str, image: str) -> bool:
        """Whether a symmetry agrees with `fixed` and takes `name` to `image`."""
        if not self._fits(fixed, name, image):
            return False
        mapped = fixed | {name: image}
        rest = [other for other in self.names if other not in mapped]
        if not rest:
            return True
        return any(
            self._extends(mapped, rest[0], other)
            for other in self.names
            if other not in mapped.values()
        )

    def _fits(self, mapped: dict[str, str], name: str, image: str) -> bool:
        if self._colour[name] != self._colour[image]:
            return False
        for other, goes in mapped.items():
            if self._kind[name, other] != self._kind[image, goes]:
                return False
            if self._kind[other, name] != self._kind[goes, image]:
                return False
        return not self._links or self._keeps_links(mapped | {name: image})

    def _keeps_links(self, mapped: dict[str, str]) -> bool:
        """Whether comparisons of connections whose ends are all mapped stay comparisons."""
        for left, attribute, operator, right, other in self._links:
            ends = (*left, *right)
            if any(end not in mapped for end in ends):
                continue
            a, b, c, d = (mapped[end] for end in ends)
            if ((a, b), attribute, operator, (c, d), other) not in self._links:
                return False
        return True


def _key(comparison: Comparison) -> tuple[Pair, str, str, Pair, str]:
    assert not isinstance(comparison.left, str)
    assert not isinstance(comparison.right, str)
    return (
        comparison.left,
        comparison.attribute,
        comparison.operator,
        comparison.right,
        comparison.other,
    )


def _colours(pattern: Pattern) -> dict[str, Hashable]:
    """Collect what is asked of each neuron alone."""
    said = defaultdict(set)
    for name, condition in pattern.conditions:
        said[name].add(condition)
    for one in pattern.comparisons:
        if one.left == one.right and isinstance(one.left, str):
            for turn in (one, one.turned()):
                said[one.left].add((turn.attribute, turn.operator, turn.other))  # type: ignore[arg-type]
    return {name: frozenset(said[name]) for name in pattern.neurons}


def _kinds(pattern: Pattern) -> dict[Pair, Hashable]:
    """Collect what is asked of each ordered pair of neurons."""
    said: defaultdict[Pair, set[Hashable]] = defaultdict(set)
    for there, links in ((True, pattern.present), (False, pattern.absent)):
        for link in links:
            said[link.pair].add((there, link.polarity, link.conditions))
    for one in pattern.comparisons:
        for turn in (one, one.turned()):
            if isinstance(turn.left, str) and isinstance(turn.right, str):
                said[turn.left, turn.right].add((turn.attribute, turn.operator, turn.other))
    return {(a, b): frozenset(said[a, b]) for a in pattern.neurons for b in pattern.neurons}
