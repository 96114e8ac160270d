"""Measures of a connection that are no number of synapses.

A contact area, a spine volume, a conductance or a probability keeps its own name, with its unit in
it, in a column of its own beside the connection. It is never taken for a weight.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

# Names the field uses without a unit in them.
ADDED = frozenset({"size", "syn_weight", "contact_area", "conductance", "spine_volume", "asi_area"})
AVERAGED = frozenset({"delay", "distance", "probability", "strength_mv", "uepsp_mv"})
# Areas, volumes, charges and conductances of several synapses add up; lengths, times, potentials
# and probabilities do not.
_UNITS_ADDED = "um2|um3|nm2|nm3|vx|voxels|ns|ps|fc"
_UNITS_AVERAGED = "um|nm|ms|mv|pa"
_WITH_UNIT = re.compile(rf".+_(?:(?P<added>{_UNITS_ADDED})|(?P<averaged>{_UNITS_AVERAGED}))")


def is_measure(column: str) -> bool:
    """Whether a column of connections is a measure, by its name or the unit at its end."""
    name = column.lower()
    if _is_place(name):
        return False
    return name in ADDED | AVERAGED or _WITH_UNIT.fullmatch(name) is not None


def _is_place(name: str) -> bool:
    """Whether it is a coordinate: `ctr_pt_x_nm`, `pre_pos_z_vx` are where, not how much."""
    return re.search(r"(?:^|_)[xyz](?:_|$)", name) is not None


def of_pairs(
    column: str, values: npt.NDArray[np.float64], starts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Measure of each pair from those of its rows: their sum, or their mean.

    Parameters
    ----------
    column : str
    values : float array
        One per row, rows of a pair beside each other.
    starts : int array
        Where each pair begins.
    """
    if not values.size:
        return values
    summed: npt.NDArray[np.float64] = np.add.reduceat(values, starts)
    match = _WITH_UNIT.fullmatch(column.lower())
    averaged = column.lower() in AVERAGED or (match is not None and match["averaged"] is not None)
    if averaged:
        summed /= np.diff(np.append(starts, values.size))
    return summed
