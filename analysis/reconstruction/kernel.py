"""The exact triad kernel: what missed and spurious connections do to a census, and its inverse.

Every ordered pair of neurons is a slot. A connection is missed with the chance f, an empty slot is
filled with the chance g, each by itself. The 64 states of three labelled neurons then lump exactly
to the 16 triads: K[a, b] is the chance that a triad b is seen as a. A census is linear in the
triads, so E[T seen] = K T, and K⁻¹ T seen is unbiased for the true census.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.frame import TRIPLE, observable
from analysis.motifs import MAN, triad_census
from analysis.motifs.naming import triad_of
from schemas.errors import UsageError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SLOTS = 6
GROUPS = 100  # of neurons, each left out once


@lru_cache(maxsize=1)
def _states() -> tuple[Ints, Ints]:
    """Triad and slots of the 64 states of three labelled neurons, shapes (64,) and (64, 6)."""
    slots = (np.arange(64)[:, None] >> np.arange(SLOTS)) & 1
    codes = [MAN.index(triad_of(s & 3, s >> 2 & 3, s >> 4 & 3)) for s in range(64)]
    return np.array(codes), slots


@lru_cache(maxsize=1)
def connections_of() -> Ints:
    """Return the number of connections of each triad, shape (16,)."""
    codes, slots = _states()
    found = np.zeros(len(MAN), np.int64)
    found[codes] = slots.sum(1)
    return found


def check_rates(miss: float, spurious: float) -> None:
    """Refuse rates at which a connection says nothing.

    Raises
    ------
    UsageError
        Unless both are shares, and f + g < 1.
    """
    if not (0 <= miss < 1 and 0 <= spurious < 1 and miss + spurious < 1):
        raise UsageError(
            f"a miss rate of {miss:g} and a spurious rate of {spurious:g} cannot be corrected",
            remedy="both are shares from 0 to 1, and their sum lies below 1",
        )


def slot_kernel(miss: float, spurious: float) -> Floats:
    """Chance of each state seen (row) given the true one, of one ordered pair, shape (2, 2)."""
    return np.array([[1 - spurious, miss], [spurious, 1 - miss]])


def triad_kernel(miss: float, spurious: float = 0.0) -> Floats:
    """Return K, the chance that each triad is seen as each other.

    Parameters
    ----------
    miss : float
        f, the chance that a connection is missed.
    spurious : float, optional
        g, the chance that an unconnected ordered pair is connected.

    Returns
    -------
    float64, shape (16, 16)
        Row = as seen, column = true, in the order of `MAN`; columns sum to 1.

    Raises
    ------
    UsageError
        Unless f + g < 1.
    """
    check_rates(miss, spurious)
    codes, slots = _states()
    slot = slot_kernel(miss, spurious)
    chance = slot[slots[:, None, :], slots[None, :, :]].prod(-1)  # (seen, true), labelled
    seen = np.zeros((len(MAN), 64))
    np.add.at(seen, codes, chance)
    # Any labelled state of a triad gives the same column: the noise does not know the labels.
    first = np.array([np.flatnonzero(codes == code)[0] for code in range(len(MAN))])
    return seen[:, first]


def dyad_kernel(miss: float, spurious: float = 0.0) -> Floats:
    """Return the same for pairs: empty, one-way, mutual, shape (3, 3)."""
    check_rates(miss, spurious)
    f, g = miss, spurious
    return np.array(
        [
            [(1 - g) ** 2, f * (1 - g), f**2],
            [2 * g * (1 - g), (1 - f) * (1 - g) + f * g, 2 * f * (1 - f)],
            [g**2, g * (1 - f), (1 - f) ** 2],
        ]
    )


def condition(miss: float, spurious: float = 0.0) -> float:
    """Condition number of K: how much the inverse can enlarge an error of the census."""
    return float(np.linalg.cond(triad_kernel(miss, spurious)))


def census_of(circuit: Circuit) -> Floats:
    """Triad counts in the order of `MAN`, shape (16,)."""
    census = triad_census(circuit)
    return np.array([census[code] for code in MAN], float)


def corrected_census(counts: npt.ArrayLike, miss: float, spurious: float = 0.0) -> Floats:
    """Return K⁻¹ T: an unbiased estimate of the true census.

    Parameters
    ----------
    counts : float, shape (16,) or (k, 16)
    miss, spurious : float
        f and g.

    Returns
    -------
    float64, of the same shape
        Sums to the same number of triples. A count can be negative where few triads were seen.
    """
    seen = np.asarray(counts, float)
    return np.linalg.solve(triad_kernel(miss, spurious), seen.T).T


def corrected_degrees(
    degrees: npt.ArrayLike, partners: int, miss: float, spurious: float = 0.0
) -> Floats:
    """Return (k − g·partners) / (1 − f − g), an unbiased estimate of each true degree.

    Parameters
    ----------
    degrees : int, shape (n,)
        In- or out-degrees as seen.
    partners : int
        Neurons that a connection could be observed with, n − 1 in a whole frame.
    """
    check_rates(miss, spurious)
    return (np.asarray(degrees, float) - spurious * partners) / (1 - miss - spurious)


def corrected_dyads(
    empty: float, one_way: float, mutual: float, miss: float, spurious: float = 0.0
) -> tuple[float, float, float]:
    """Return unbiased estimates of the true numbers of empty, one-way and mutual pairs."""
    found = np.linalg.solve(dyad_kernel(miss, spurious), [empty, one_way, mutual])
    return float(found[0]), float(found[1]), float(found[2])


def er_expected(n: int, connections: float) -> Floats:
    """Return the expected census of n neurons with independent connections, shape (16,)."""
    codes, slots = _states()
    pairs = n * (n - 1)
    density = connections / pairs
    chance = density ** slots.sum(1) * (1 - density) ** (SLOTS - slots.sum(1))
    return np.bincount(codes, weights=chance, minlength=len(MAN)) * (pairs * (n - 2) / 6)


def er_effect(counts: npt.ArrayLike, n: int, miss: float = 0.0, spurious: float = 0.0) -> Floats:
    """Effect against `er`, census and density both corrected.

    Parameters
    ----------
    counts : float, shape (16,) or (k, 16)
        Census as seen.
    n : int
        Number of neurons.

    Returns
    -------
    float64, of the same shape
        log(corrected / expected); nan where the corrected count is not positive, or there are no
        three neurons.
    """
    if n < TRIPLE:
        return np.full(np.shape(counts), np.nan)
    true = corrected_census(counts, miss, spurious)
    # Every connection is in n − 2 triads.
    m = (true * connections_of()).sum(-1) / (n - 2)
    expected = (
        er_expected(n, float(m))
        if true.ndim == 1
        else np.stack([er_expected(n, one) for one in m.tolist()])
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(true > 0, true / expected, np.nan)
        effect: Floats = np.log(ratio)
    return effect


@dataclass(frozen=True)
class KernelEffect:
    """Effects against `er` before and after K⁻¹.

    Attributes
    ----------
    raw, corrected : float64, shape (16,)
        log(observed / expected); nan where it is not defined.
    counts : float64, shape (16,)
        The corrected census.
    inflation : float64, shape (16,)
        SD of the corrected effect over that of the raw one, by leaving out neurons; at least 1.
    condition : float
    """

    raw: Floats
    corrected: Floats
    counts: Floats
    inflation: Floats
    condition: float


def kernel_effect(
    circuit: Circuit, miss: float, spurious: float = 0.0, *, with_inflation: bool = True
) -> KernelEffect:
    """Correct the effects of a circuit against `er`.

    Parameters
    ----------
    circuit : Circuit
    miss, spurious : float
        f and g.
    with_inflation : bool, optional
        Whether to leave out neurons for the inflation; nan without.

    Notes
    -----
    The inflation is a ratio of two jackknives that leave out the same groups of neurons: each is
    too wide by about as much (Efron & Stein 1981, DOI 10.1214/aos/1176345462), which cancels.
    """
    circuit = observable(circuit)
    counts = census_of(circuit)
    inflated = np.full(len(MAN), np.nan)
    if with_inflation:
        groups = node_groups(circuit.n, GROUPS)
        left = [circuit.subset(groups != place) for place in range(groups.max() + 1)]
        censuses = [(census_of(part), part.n) for part in left]
        raw, corrected = (
            np.stack([er_effect(census, n, *rates) for census, n in censuses])
            for rates in ((0.0, 0.0), (miss, spurious))
        )
        inflated = inflation(jackknife(raw), jackknife(corrected))
    return KernelEffect(
        er_effect(counts, circuit.n),
        er_effect(counts, circuit.n, miss, spurious),
        corrected_census(counts, miss, spurious),
        inflated,
        condition(miss, spurious),
    )


def node_groups(n: int, most: int) -> Ints:
    """Group of every neuron, at most `most` of nearly equal size; the same for the same n."""
    order = np.random.default_rng(n).permutation(n)
    groups = np.empty(n, np.int64)
    groups[order] = np.arange(n) % min(n, most)
    return groups


def jackknife(effects: Floats, noise: Floats | float = 0.0) -> Floats:
    """Variance of an effect from its values with one group of neurons left out each.

    Parameters
    ----------
    effects : float64, shape (groups, 16)
    noise : float64, shape (16,), optional
        Variance of each value by the method alone; groups share none of it, so it is taken off.

    Returns
    -------
    float64, shape (16,)
        nan where a value is not defined.
    """
    size = len(effects)
    spread = ((effects - effects.mean(0)) ** 2).sum(0)
    found: Floats = (size - 1) / size * spread - (size - 1) * noise
    return np.where(found > 0, found, np.nan)


def inflation(raw: Floats, corrected: Floats) -> Floats:
    """Return the ratio of two SDs from their variances, at least 1: no correction narrows."""
    with np.errstate(invalid="ignore"):
        ratio: Floats = np.maximum(1.0, np.sqrt(corrected / raw))
    return ratio
