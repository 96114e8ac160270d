"""The page of the statistics, from the registry: `python -m isocortex.statistics_page FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.statistics import Statistic

HEAD = """# Statistics

Written by `python -m isocortex.statistics_page docs/statistics.md` from the registry in
`analysis/statistics/`; change it there. `isocortex statistics` prints the same.

    isocortex describe worm-witvliet-8                     # all that are quick
    isocortex describe edges.csv --statistic modularity    # by name, also slow ones
    ic.describe(circuit, ["clustering", "simple_cycles"])  # in Python, a DataFrame

**What is computed on.** Only what could have been observed. Statistics of pairs (density,
reciprocity, distance dependence) are about observable pairs in any frame. The others are about a
whole circuit: where only some neurons have both their outputs and their inputs observed, about
these; between axons and dendrites of different neurons (bipartite) and among pairs tested one by
one they are refused with the reason.

**Standard errors** say how far a value would vary between circuits of other neurons of the same
kind. They come from a jackknife that leaves out single neurons (in closed form) or one of 20 groups
of neurons at a time (groups are dealt from the seed). A value that depends on pairs and triples of
neurons has variance components of one, two and three neurons; the jackknife counts them once, twice
and three times (Efron & Stein 1981, DOI 10.1214/aos/1176345462), so the error is rather too large
than too small. In simulations with known truth (80 circuits of 100 neurons from each of four
generators, `make validate`) it is 0.96 to 2.0 times the true spread, in the median 1.4 times, but
up to 3.2 times for the smallest rich clubs, 2.8 for paths relative to random circuits and 2.4 for
the largest simplices. Where it cannot be had there is none, and the reason is said: fewer than 10
neurons, a count of zero, the same value whatever group is left out. The error of a count is that of
its share among all that there could be. None of them is an error of reconstruction: missing
synapses, cut neurites and wrong merges shift values, which is not said here.

**Expected** values are those of a null, named with them: `er` keeps the number of connections,
`degree` every neuron's numbers of inputs and outputs ([methods.md](methods.md)). Raw values must
not be compared between circuits of different size and density; values relative to a null may.

**Time.** Every statistic estimates how long it takes on one core, errors included, before it
begins. `describe` computes those of up to {quick}; slower ones are named with the estimate and
computed if asked for by name; above {limit}, or where memory would not do, they are refused.
"""


def statistics_page(registry: Iterable[Statistic]) -> str:
    """Return the page in Markdown."""
    from analysis.statistics import LIMIT, QUICK, in_words

    parts = [HEAD.format(quick=in_words(QUICK), limit=in_words(LIMIT))]
    parts += [_section(one) for one in registry]
    return "\n".join(parts)


def _section(one: Statistic) -> str:
    expected = f"- expected values: by the null `{one.expects}`\n" if one.expects else ""
    return (
        f"## `{one.name}`: {one.title}\n\n"
        f"{one.definition}\n\n"
        f"- says: {one.meaning}\n"
        f"- values: {one.unit}\n"
        f"- needs: {one.needs.words}\n"
        f"- standard error: {one.error}\n"
        f"{expected}"
        f"- source: {one.reference}, [{one.doi}](https://doi.org/{one.doi})\n"
    )


def main() -> None:
    """Write the page to the file that is named."""
    from analysis.statistics import statistics

    Path(sys.argv[1]).write_text(statistics_page(statistics().values()), encoding="utf-8")


if __name__ == "__main__":
    main()
