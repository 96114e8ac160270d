"""In how many triads, and in which role, every neuron and every connection takes part; exact.

Everything follows from the connected pairs of a circuit: third neurons attached to both of a pair
are its common neighbours, by state; those attached to one of the two only are that one's degree
less the common ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.circuit import Circuit
from analysis.compiled import kernel
from analysis.frame import observable
from analysis.motifs.four.build import dyads_of
from analysis.motifs.neighbours import shared
from analysis.motifs.roles import (
    BACK,
    CONNECTED,
    HALVES,
    NAMES,
    SWAPPED,
    THIRDS,
    connection_roles,
    connection_table,
    motif_of,
    neuron_roles,
    neuron_table,
    placed,
)
from analysis.motifs.tested import SIDES, STATES, triple_states

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Participation:
    """Counts of triads by role.

    Attributes
    ----------
    roles : tuple of str
        `MOTIF:role` of neurons, `MOTIF:role->role` of connections.
    counts : int64, shape (k, roles)
        One row per neuron or connection, in the order of the circuit; 0 where it is not observed.
    observed : bool, shape (k,)
        Whether triads with it could have been observed; else its counts are missing, not 0.
    """

    roles: tuple[str, ...]
    counts: Ints
    observed: Bools

    def motifs(self) -> dict[str, Ints]:
        """Sum the roles of each triad: how many hold the neuron or connection, shape (k,)."""
        total: dict[str, Ints] = {}
        for column, role in enumerate(self.roles):
            motif = motif_of(role)
            total[motif] = total.get(motif, 0) + self.counts[:, column]
        return total


def neuron_participation(circuit: Circuit, motifs: Iterable[str] = CONNECTED) -> Participation:
    """Count, for every neuron, the connected triads that hold it, by its role.

    Parameters
    ----------
    circuit : Circuit
    motifs : iterable of str, optional
        MAN codes; default all 13 connected triads.

    Returns
    -------
    Participation
        The counts of a role sum to the census of its triad times the places of that role. Neurons
        that are in no triple of observable pairs are not observed.

    Raises
    ------
    FrameError
        If no triple of neurons was observable.
    ValueError
        If a code is none of a connected triad.
    """
    roles, columns = _chosen(neuron_roles(), motifs)
    if circuit.frame.tested is not None:
        return _tested_neurons(circuit, roles, columns)
    inside = observable(circuit)
    dyads = dyads_of(inside)
    found = _of_neurons(
        dyads.starts, dyads.middle, dyads.partners, dyads.states, dyads.degrees,
        shared(dyads), columns[neuron_table()], len(roles),
    )  # fmt: skip
    core = circuit.frame.core
    counts = np.zeros((circuit.n, len(roles)), np.int64)
    counts[np.flatnonzero(core)[dyads.order]] = found
    return Participation(roles, counts, core.copy())


def connection_participation(circuit: Circuit, motifs: Iterable[str] = CONNECTED) -> Participation:
    """Count, for every connection, the connected triads that hold it, by its role.

    Parameters
    ----------
    circuit : Circuit
    motifs : iterable of str, optional
        MAN codes; default all 13 connected triads. A table of all has 240 bytes a connection.

    Returns
    -------
    Participation
        In the order of the circuit's connections. The counts of a role sum to the census of its
        triad times the connections of that role.

    Raises
    ------
    FrameError
        If no triple of neurons was observable.
    ValueError
        If a code is none of a connected triad.
    """
    roles, columns = _chosen(connection_roles(), motifs)
    if circuit.frame.tested is not None:
        return _tested_connections(circuit, roles, columns)
    inside = observable(circuit)
    dyads = dyads_of(inside)
    table = connection_table()
    table = np.where(table < 0, -1, columns[table])
    found = _of_connections(
        dyads.starts, dyads.middle, dyads.partners, dyads.states, dyads.degrees, dyads.order,
        inside.indptr, inside.indices, shared(dyads), table, len(roles),
    )  # fmt: skip
    core = circuit.frame.core
    kept = core[circuit.sources()] & core[circuit.indices]
    counts = np.zeros((circuit.m, len(roles)), np.int64)
    counts[kept] = found
    return Participation(roles, counts, kept)


def _chosen(known: dict[str, int], motifs: Iterable[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the roles of the motifs, and the column of each known role among them or −1."""
    wanted = set(motifs)
    if unknown := sorted(wanted - set(CONNECTED)):
        raise ValueError(f"{', '.join(unknown)} is none of {', '.join(CONNECTED)}")
    roles = tuple(role for role in known if motif_of(role) in wanted)
    columns = [roles.index(role) if role in roles else -1 for role in known]
    return roles, np.array(columns, np.int64)


# --- from the connected pairs


@kernel
def _fill(
    thirds: Ints, common: Indices, mine: Ints, yours: Ints, state: np.int64, back: int
) -> None:
    """Write how many third neurons a pair has, by how they are attached; see `roles.THIRDS`."""
    for x in range(3):
        thirds[9 + x] = yours[x] - (x == back)
        thirds[12 + x] = mine[x] - (x == state)
    for q in range(9):
        count = np.int64(common[q])
        thirds[q] = count
        thirds[9 + q % 3] -= count
        thirds[12 + q // 3] -= count


@kernel
def _of_neurons(
    starts: Ints,
    middle: Ints,
    partners: Indices,
    states: Bytes,
    degrees: Ints,
    common: Indices,
    table: Ints,
    roles: int,
) -> Ints:
    n = middle.size
    doubled = np.zeros((n, roles + 1), np.int64)  # the last column takes what was not asked for
    thirds = np.zeros(THIRDS, np.int64)
    d = 0
    for i in range(n):
        for e in range(middle[i], starts[i + 1]):
            j, s = partners[e], np.int64(states[e]) - 1
            back = BACK[s]
            _fill(thirds, common[d], degrees[i], degrees[j], s, back)
            for q in range(THIRDS):
                turned = SWAPPED[q]
                doubled[i, table[s, q]] += HALVES[q] * thirds[q]
                doubled[j, table[back, turned]] += HALVES[turned] * thirds[q]
            d += 1
    return doubled[:, :roles] // 2


@kernel
def _of_connections(
    starts: Ints,
    middle: Ints,
    partners: Indices,
    states: Bytes,
    degrees: Ints,
    order: Indices,
    indptr: Ints,
    indices: Indices,
    common: Indices,
    table: Ints,
    roles: int,
) -> Ints:
    counts = np.zeros((indices.size, roles), np.int64)
    thirds = np.zeros(THIRDS, np.int64)
    d = 0
    for i in range(middle.size):
        for e in range(middle[i], starts[i + 1]):
            j, s = partners[e], np.int64(states[e]) - 1
            back = BACK[s]
            _fill(thirds, common[d], degrees[i], degrees[j], s, back)
            if s != 1:
                row = _place(indptr, indices, order[i], order[j])
                for q in range(THIRDS):
                    if table[s, q] >= 0:
                        counts[row, table[s, q]] += thirds[q]
            if s != 0:
                row = _place(indptr, indices, order[j], order[i])
                for q in range(THIRDS):
                    if table[back, SWAPPED[q]] >= 0:
                        counts[row, table[back, SWAPPED[q]]] += thirds[q]
            d += 1
    return counts


@kernel
def _place(indptr: Ints, indices: Indices, pre: int, post: int) -> int:
    """Return where the connection pre → post stands; it is there."""
    low, high = indptr[pre], indptr[pre + 1] - 1
    while low < high:
        half = (low + high) // 2
        if indices[half] < post:
            low = half + 1
        else:
            high = half
    return int(low)


# --- over the triples that were tested whole


def _tested_neurons(circuit: Circuit, roles: tuple[str, ...], columns: Ints) -> Participation:
    circuit.frame.need_triples(circuit.name)
    triples, states = circuit.frame.tested_triples, triple_states(circuit)
    numbers = {role: number for number, role in enumerate(neuron_roles())}
    table = np.full((STATES, 3), -1, np.int64)
    for state in range(STATES):
        if (found := placed(state & 3, state >> 2 & 3, state >> 4 & 3)) is not None:
            motif, where = found
            for node in range(3):
                table[state, node] = columns[numbers[f"{motif}:{NAMES[motif][where[node]]}"]]
    counts = np.zeros((circuit.n, len(roles)), np.int64)
    chosen = table[states]
    known = chosen >= 0
    np.add.at(counts, (triples[known], chosen[known]), 1)
    observed = np.zeros(circuit.n, np.bool_)
    observed[triples] = True
    return Participation(roles, counts, observed)


def _tested_connections(circuit: Circuit, roles: tuple[str, ...], columns: Ints) -> Participation:
    circuit.frame.need_triples(circuit.name)
    triples, states = circuit.frame.tested_triples, triple_states(circuit)
    numbers = {role: number for number, role in enumerate(connection_roles())}
    table = np.full((STATES, len(SIDES)), -1, np.int64)
    for state in range(STATES):
        if (found := placed(state & 3, state >> 2 & 3, state >> 4 & 3)) is not None:
            motif, where = found
            names = NAMES[motif]
            for side, (a, b) in enumerate(SIDES):
                if state >> side & 1:
                    role = f"{motif}:{names[where[a]]}->{names[where[b]]}"
                    table[state, side] = columns[numbers[role]]
    keys = circuit.sources().astype(np.int64) * circuit.n + circuit.indices
    sides = np.stack([triples[:, a] * circuit.n + triples[:, b] for a, b in SIDES], axis=1)
    linked = (states[:, None] >> np.arange(len(SIDES)) & 1).astype(np.bool_)
    rows = np.searchsorted(keys, sides[linked])
    observed = np.zeros(circuit.m, np.bool_)
    observed[rows] = True
    chosen = table[states][linked]
    known = chosen >= 0
    counts = np.zeros((circuit.m, len(roles)), np.int64)
    np.add.at(counts, (rows[known], chosen[known]), 1)
    return Participation(roles, counts, observed)
