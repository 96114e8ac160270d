"""The 16 triads, and how their counts follow from seven closed ones and the degrees.

Names are MAN codes as networkx and igraph use them (111D is A↔B←C). The identities are those of the
project's `docs/methods.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAN = (
    "003", "012", "102", "021D", "021U", "021C", "111D", "111U",
    "030T", "030C", "201", "120D", "120U", "120C", "210", "300",
)  # fmt: skip
CLOSED = ("030T", "030C", "120D", "120U", "120C", "210", "300")
OPEN = ("021D", "021U", "021C", "111D", "111U", "201")


@dataclass(frozen=True)
class Wedges:
    """Sums over neurons of degree products; o, i, m are out-only, in-only and mutual degrees.

    Attributes
    ----------
    oo, ii, mm : sums of C(o,2), C(i,2), C(m,2)
    oi, im, om : sums of o·i, i·m, o·m
    """

    oo: int
    ii: int
    mm: int
    oi: int
    im: int
    om: int


def complete(
    closed: Mapping[str, int], wedges: Wedges, asymmetric: int, mutual: int, n: int
) -> dict[str, int]:
    """All 16 counts from the closed ones.

    Parameters
    ----------
    closed : mapping
        Counts of the seven closed triads.
    wedges : Wedges
    asymmetric, mutual : int
        Numbers of one-way and of mutual pairs.
    n : int
        Number of neurons.

    Returns
    -------
    dict
        Code → count, in the order of `MAN`.
    """
    c = closed
    t = dict(c)
    t["021D"] = wedges.oo - c["030T"] - c["120D"]
    t["021U"] = wedges.ii - c["030T"] - c["120U"]
    t["021C"] = wedges.oi - c["030T"] - 3 * c["030C"] - c["120C"]
    t["111D"] = wedges.im - 2 * c["120D"] - c["120C"] - c["210"]
    t["111U"] = wedges.om - 2 * c["120U"] - c["120C"] - c["210"]
    t["201"] = wedges.mm - c["210"] - 3 * c["300"]
    two_sided = c["120D"] + c["120U"] + c["120C"]
    t["012"] = (
        asymmetric * (n - 2)
        - 2 * (t["021D"] + t["021U"] + t["021C"])
        - t["111D"]
        - t["111U"]
        - 3 * (c["030T"] + c["030C"])
        - 2 * two_sided
        - c["210"]
    )
    t["102"] = (
        mutual * (n - 2)
        - t["111D"]
        - t["111U"]
        - 2 * t["201"]
        - two_sided
        - 2 * c["210"]
        - 3 * c["300"]
    )
    triples = n * (n - 1) * (n - 2) // 6
    t["003"] = triples - sum(t.values())
    return {code: t[code] for code in MAN}
