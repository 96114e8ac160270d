"""Estimates and their standard errors.

The standard error says how far a value would vary between circuits of other neurons drawn from the
same population. It comes from a delete-a-group jackknife: neurons are dealt to up to 20 groups, the
statistic is computed anew without each group, and the spread of these values is scaled up. A value
that depends on pairs and triples of neurons has variance components of one, two, three neurons; the
jackknife counts them once, twice, three times (Efron & Stein 1981, DOI 10.1214/aos/1176345462), so
its error is too large rather than too small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit

Floats = npt.NDArray[np.float64]
Values = Callable[[Circuit], Mapping[str, float]]

NAN = float("nan")
GROUPS = 20
FEWEST = 10  # neurons from which an error is computed
JACKKNIFE = "jackknife over 20 groups of neurons; conservative"
DELETE_ONE = "jackknife over neurons, in closed form; conservative"
TOO_FEW = f"fewer than {FEWEST} neurons"
CONSTANT = "the same without any group of neurons, so its error cannot be seen"
BROKEN = "not defined without some of the neurons"
UNDEFINED = "not defined here"


@dataclass(frozen=True)
class Part:
    """One value of a statistic.

    Attributes
    ----------
    of : str
        What of the statistic it is; empty for a statistic of one value.
    value : float
        nan where not defined.
    standard_error : float
        nan where there is none; `why` says why.
    why : str
    expected : float
        By the null that the statistic names, nan where there is none.
    """

    of: str
    value: float
    standard_error: float = NAN
    why: str = ""
    expected: float = NAN


@dataclass(frozen=True)
class Estimate:
    """The values of a statistic, and what there is to say about them."""

    parts: tuple[Part, ...]
    note: str = ""

    def __getitem__(self, of: str) -> Part:
        """Return the part of that name."""
        for part in self.parts:
            if part.of == of:
                return part
        raise KeyError(of)


def jackknife(
    circuit: Circuit,
    values: Values,
    seed: int,
    *,
    possible: Mapping[str, Callable[[int], float]] | None = None,
    expected: Mapping[str, float] | None = None,
) -> tuple[Part, ...]:
    """Compute values with the standard errors of a delete-a-group jackknife.

    Parameters
    ----------
    circuit : Circuit
    values : callable
        Circuit → value by name; the names are those of the whole circuit's.
    seed : int
        Of the groups.
    possible : mapping, optional
        For counts, name → function from a number of neurons to the largest count there could be:
        the error is that of their share, since a circuit without some neurons has fewer.
    expected : mapping, optional
        Name → expected value, passed on.

    Returns
    -------
    tuple of Part
    """
    whole = values(circuit)
    reduced: list[tuple[int, Mapping[str, float]]] = []
    if circuit.n >= FEWEST and any(np.isfinite(value) for value in whole.values()):
        for kept in _groups(circuit.n, seed):
            part = circuit.subset(kept)
            reduced.append((part.n, values(part)))
    made = []
    for name, value in whole.items():
        scale = None if possible is None else possible.get(name)
        error, why = _error(value, [(n, found.get(name, NAN)) for n, found in reduced], scale)
        if scale is not None and np.isfinite(error):
            error *= scale(circuit.n)
        known = NAN if expected is None else expected.get(name, NAN)
        made.append(Part(name, float(value), error, why, known))
    return tuple(made)


def without_error(
    values: Mapping[str, float], why: str, expected: Mapping[str, float] | None = None
) -> tuple[Part, ...]:
    """Parts that have no standard error, with the reason."""
    return tuple(
        Part(name, float(value), NAN, why, (expected or {}).get(name, NAN))
        for name, value in values.items()
    )


def delete_one(total: float, without: Floats) -> tuple[float, str]:
    """Return the delete-one jackknife's standard error.

    Parameters
    ----------
    total : float
        The value of all.
    without : float64, shape (n,)
        The value without each neuron.

    Returns
    -------
    error : float
    why : str
        Why it is nan, else empty.
    """
    return _error(total, [(0, value) for value in without.tolist()], None)


def _groups(n: int, seed: int) -> list[npt.NDArray[np.bool_]]:
    """Masks of the neurons that stay when each group is left out."""
    number = min(GROUPS, n)
    dealt = np.random.default_rng(np.random.SeedSequence([seed, n])).permutation(n) % number
    return [dealt != group for group in range(number)]


def _error(
    value: float,
    reduced: list[tuple[int, float]],
    scale: Callable[[int], float] | None,
) -> tuple[float, str]:
    if not np.isfinite(value):
        return NAN, UNDEFINED
    if len(reduced) < FEWEST:
        return NAN, TOO_FEW
    if scale is not None and value == 0:
        return NAN, "none occurs, and from none no error can be had"
    found = np.array([v if scale is None else v / scale(n) for n, v in reduced])
    if not np.isfinite(found).all():
        return NAN, BROKEN
    spread = float(np.sqrt((found.size - 1) * found.var()))
    if spread <= 1e-12 * abs(float(found.mean())):
        return NAN, CONSTANT
    return spread, ""
