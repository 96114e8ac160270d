"""What was published about the triads of the MICrONS layer 2/3 pyramids.

Turner et al. 2022, DOI 10.1016/j.cell.2022.01.023; figures of their repository
AllenInstitute/MicronsBinder, folder notebooks/vignette_analysis/motifs: observed counts and
expectations from `th100-2-and-3-neuron-motifs.ipynb` (commit 017d6e2), those of all 363 cells from
`full-2-and-3-neuron-motifs.ipynb`; axon lengths and connections from `soma.csv` and `synapses.csv`
in notebooks/multiscale/motifs/data (commits cbc705b, d4b5ce3).

Cells are named by the last six digits of their id.
"""

import pandas as pd

from analysis.circuit import Circuit
from schemas.tables import CircuitTables

FIRST = 648_518_346_349_000_000
LONG_AXON = 100  # µm

# Cells with more than 100 µm of axon, and how much of it, in µm.
AXONS = {
    492682: 644, 519354: 1_571, 522230: 115, 523975: 1_402, 523981: 138, 524141: 312, 524971: 1_086,
    531230: 1_729, 531254: 1_230, 532006: 257, 532295: 1_503, 532739: 1_902, 532791: 199,
    533058: 1_716, 533350: 1_922, 533482: 705, 533719: 1_289, 534289: 1_352, 534794: 1_094,
    534855: 1_104, 535192: 1_873, 535363: 776, 536679: 2_096, 536680: 1_036, 536809: 863,
    536816: 1_646, 536988: 1_297, 537081: 676, 537145: 658, 537153: 893, 537160: 1_374,
    537167: 1_068, 537297: 283, 537385: 1_100, 537391: 593, 537426: 742, 537487: 687, 537514: 1_439,
    537716: 2_189, 537717: 324, 537818: 718, 537835: 1_061, 537848: 401, 537860: 1_119, 537913: 798,
    537978: 2_370, 537981: 818, 538015: 1_410, 538053: 507, 538056: 1_379, 538157: 2_016,
    538188: 988, 538192: 1_247, 538209: 1_010, 538235: 1_654, 538250: 493, 538278: 599, 538291: 941,
    538298: 1_167, 538368: 946, 538378: 297, 538387: 689, 538410: 1_404, 538421: 997, 538440: 1_032,
    538462: 571, 538478: 1_065, 538527: 569, 538711: 551, 538782: 278, 538787: 2_121, 539068: 675,
    539070: 175, 539071: 1_287, 539079: 1_085, 539097: 1_713, 539110: 756, 539333: 1_781,
    539423: 1_297, 539437: 1_219, 539462: 1_716, 539464: 695, 539486: 1_437, 539517: 1_192,
    539524: 399, 539539: 1_115, 539560: 1_507, 539575: 1_652, 539594: 1_396, 539599: 1_027,
    539653: 1_740, 539727: 1_622, 539789: 1_522, 539797: 112, 539803: 933, 539806: 1_254,
    539809: 814, 539825: 1_324, 539840: 654, 539844: 120, 539845: 1_405, 539853: 1_037,
    539864: 1_281, 539884: 801, 539886: 863, 539890: 726, 539891: 170, 539895: 1_944, 540017: 1_764,
    540048: 961, 540057: 1_526,
}  # fmt: skip

# Their list has 21 synapses that the released file (soma_subgraph_synapses_spines_v185.csv) has
# not, on 17 connections that it lacks, 12 of them of one cell, and is without one that it has. All
# other 1,960 rows are the same, in the same order.
ADDED = (
    (533350, 537798), (538462, 539575), (539333, 539100), (539437, 538070), (540017, 538053),
    (539110, 523993), (539110, 524141), (539110, 531254), (539110, 532180), (539110, 537828),
    (539110, 538015), (539110, 538102), (539110, 538188), (539110, 538440), (539110, 539856),
    (539110, 539900), (539110, 539961),
)  # fmt: skip
WITHOUT = (539961, 539789)
UNLISTED = 531994  # the one excitatory cell of the released file that is not among their 363

PAIRS = {"mutual": 29, "one_way": 601, "unconnected": 5_475}
TRIADS = {
    "003": 161_442, "012": 50_074, "102": 2_478, "021D": 2_362, "021U": 1_509, "021C": 2_854,
    "111D": 255, "111U": 353, "201": 12, "030T": 352, "030C": 75, "120D": 16, "120C": 23,
    "120U": 8, "210": 2, "300": 0,
}  # fmt: skip

# Every ordered pair with the same chance m / (n (n − 1)), by itself.
ER = {
    "003": 159_006.3, "012": 54_429.1, "102": 1_552.6, "021D": 1_552.6, "021U": 1_552.6,
    "021C": 3_105.3, "111D": 177.2, "111U": 177.2, "201": 5.05, "030T": 177.2, "030C": 59.05,
    "120D": 5.05, "120C": 10.1, "120U": 5.05, "210": 0.577, "300": 0.0055,
}  # fmt: skip

DRAWS = 1_000  # of CFG and of gCFG
MUTUAL_CFG = (21.17, 4.26)
MUTUAL_CFG_FULL = (22.57, 4.27)
# Mean and SD of graphs with the same in- and out-degrees ("CFG"); the mean alone, where the SD was
# not noted.
CFG = {
    "102": (1_697, 352), "021D": (2_407.6, 66.7), "021U": (1_578.0, 44.2), "021C": (2_996.3, 111),
    "111D": (212, 42), "111U": (320, 63), "030T": (325.8, 23.6), "030C": (64.2, 8.5),
    "201": (10.9, None), "120D": (11.7, None), "120C": (22.2, None), "120U": (17.4, None),
    "210": (2.5, None), "300": (0.03, None),
}  # fmt: skip
# The same among those that also have 29 mutual pairs, no matter whose ("gCFG").
GCFG = {"030T": (297.5, 16.8), "030C": (55.9, 7.4), "120U": (22.0, 5.4), "111U": (424, 29)}


def published_circuit(tables: CircuitTables, *, axon: bool) -> Circuit:
    """Make the circuit of the publication from the released file and what it lacks.

    Parameters
    ----------
    tables : CircuitTables
        Of `mouse-microns-l23`.
    axon : bool
        Only the 111 cells with more than 100 µm of axon, else all 363.

    Returns
    -------
    Circuit
        Of observable pairs throughout, as they took it.
    """
    released = tables.connections[["pre", "post"]] - FIRST
    without = (released["pre"] == WITHOUT[0]) & (released["post"] == WITHOUT[1])
    assert without.sum() == 1
    added = pd.DataFrame(ADDED, columns=["pre", "post"])
    assert len(released.merge(added)) == 0
    connections = pd.concat([released[~without], added], ignore_index=True) + FIRST
    ids = tables.neurons["neuron_id"] - FIRST
    neurons = tables.neurons[ids.isin(AXONS) if axon else ids != UNLISTED]
    inside = connections.isin(set(neurons["neuron_id"])).all(axis=1)
    return Circuit.from_tables("published", neurons, connections[inside].assign(weight=1))
