"""Motifs that have a name as patterns: the 16 triads and the 218 graphs on four nodes."""

from __future__ import annotations

import re
from functools import cache
from itertools import permutations, product

from analysis.motifs.four.classes import class_table, edges_of
from analysis.motifs.naming import triad_of
from analysis.motifs.triads import MAN
from schemas.patterns import Pair, Pattern, PatternError
from schemas.patterns.pattern import named

TRIAD, FOUR = "ABC", "ABCD"
_FOUR_CODE = re.compile(r"4:(\d{1,6})")


def pattern_of(name: str) -> Pattern | None:
    """Return the induced pattern of a MAN code (`030T`) or of a four-node code (`4:1365`).

    Parameters
    ----------
    name : str

    Returns
    -------
    Pattern or None
        None if `name` is not of the form of a code.

    Raises
    ------
    PatternError
        If it looks like one but is none; the message says the right one.
    """
    code = name.strip()
    if code.upper() in MAN:
        return named(TRIAD, triads()[code.upper()], code.upper())
    four = _FOUR_CODE.fullmatch(code)
    if four:
        return _four(int(four[1]))
    if re.fullmatch(r"\d{3}[A-Za-z]?", code):
        raise PatternError(f"no triad is called {code}", remedy=f"there are {', '.join(MAN)}")
    if code.isdecimal():
        raise PatternError(
            f"{code} is no motif", remedy=f"codes of four neurons are written 4:{code[:6]}"
        )
    return None


@cache
def triads() -> dict[str, tuple[Pair, ...]]:
    """Return the connections of each triad, as they run along A → B → C where they can."""
    graphs: dict[str, list[tuple[Pair, ...]]] = {}
    pairs = (("A", "B"), ("B", "C"), ("A", "C"))
    for states in product(range(4), repeat=3):
        edges = [pair for pair, state in zip(pairs, states, strict=True) if state & 1]
        edges += [(b, a) for (a, b), state in zip(pairs, states, strict=True) if state & 2]
        graphs.setdefault(triad_of(*states), []).append(tuple(sorted(edges)))
    return {code: min(graphs[code]) for code in MAN}


def _four(code: int) -> Pattern:
    classes, canonical = class_table()
    if code >= classes.size:
        raise PatternError(f"no motif of four neurons has the code {code}", remedy="0 … 4095")
    smallest = canonical[classes[code]]
    if smallest != code:
        raise PatternError(f"{code} is not a canonical code", remedy=f"this motif is 4:{smallest}")
    return named(FOUR, [(FOUR[a], FOUR[b]) for a, b in edges_of(code)], f"4:{code}")


@cache
def class_graphs(size: int) -> dict[str, frozenset[tuple[int, int]]]:
    """Return one graph of every class of `size` (3 or 4) nodes: name → connections."""
    if size == len(TRIAD):
        return {
            code: frozenset((TRIAD.index(a), TRIAD.index(b)) for a, b in edges)
            for code, edges in triads().items()
        }
    return {str(code): frozenset(edges_of(code)) for code in class_table()[1]}


def embeddings(pattern: Pattern) -> dict[str, int]:
    """Count the placements of a plain pattern within one graph of each class of its size.

    Three or four neurons that form the class hold so many placements, so that a census gives the
    number in a circuit without looking at one of them.

    Parameters
    ----------
    pattern : Pattern
        Three or four neurons, no condition; absences written out.

    Returns
    -------
    dict of str to int
        Name of the class → placements; classes without one are left out.
    """
    if not pattern.plain or pattern.size not in (len(TRIAD), len(FOUR)):
        raise ValueError("only plain patterns of three or four neurons lie within classes")
    place = {name: at for at, name in enumerate(pattern.neurons)}
    there = [(place[link.pre], place[link.post]) for link in pattern.present]
    absent = [(place[link.pre], place[link.post]) for link in pattern.absent]
    orders = list(permutations(range(pattern.size)))
    found = {}
    for name, edges in class_graphs(pattern.size).items():
        number = sum(
            all((order[a], order[b]) in edges for a, b in there)
            and not any((order[a], order[b]) in edges for a, b in absent)
            for order in orders
        )
        if number:
            found[name] = number
    return found
