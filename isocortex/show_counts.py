"""Tables of counts in the terminal: motifs of four neurons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isocortex.show import number, stdout, table

if TYPE_CHECKING:
    from analysis.motifs.four import FourNodeCensus

MOST_MOTIFS = 15


def motifs4(four: FourNodeCensus) -> None:
    """Print the most frequent connected motifs of four neurons and how many each shape has."""
    from analysis.motifs.four.classes import codes, edges_of, shapes

    shape_of = dict(zip(codes(), shapes(), strict=True))
    connected = {code: count for code, count in four.connected().items() if count}
    total = sum(connected.values())
    estimated = four.method != "exact"
    columns = ["code", "shape", "connections", "observed", "share, %"]
    if estimated:
        columns[3:4] = ["estimate", "standard error", "95 % interval"]
    made = table(f"Four neurons, {_way(four)}", columns, {"code", *columns[3:]})
    most = sorted(connected, key=lambda code: (-connected[code], code))[:MOST_MOTIFS]
    for code in most:
        edges = edges_of(code)
        arrows = " ".join(
            f"{a}↔{b}" if (b, a) in edges else f"{a}→{b}"
            for a, b in edges
            if a < b or (b, a) not in edges
        )
        share = number(100 * connected[code] / total)
        count = [number(connected[code])]
        if estimated:
            low, high = four.intervals[code]
            count += [number(four.errors[code]), f"{number(low)} – {number(high)}"]
        made.add_row(str(code), shape_of[code], arrows, *count, share)
    stdout().print(made)
    stdout().print(
        f"The {len(most)} most frequent; `--json` has all. Codes: docs/four-node.md.", style="dim"
    )


def _way(four: FourNodeCensus) -> str:
    """Say how they were counted."""
    occur = sum(count > 0 for count in four.connected().values())
    if four.method == "exact":
        return f"counted exactly ({four.path} path): {occur} of 199 connected motifs occur"
    some, every = map(number, four.looked_at)
    if four.method == "hybrid":
        return (
            f"estimated ({four.path} path): cliques from {some} of {every} connected pairs, all "
            "else exact"
        )
    return f"estimated from {some} sets of four, drawn with the same chance"
