"""What the results say now, each in one sentence with its null, ensemble and evidence."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.address import address
from dashboard.views.glyphs import NAMES
from dashboard.views.numbers import plural
from dashboard.views.palette import EVIDENCE_WORDS
from schemas.records import Evidence

BAND = 2.0  # half width of a null's band, in units of its own spread


@dataclass(frozen=True)
class Statement:
    """A sentence and the page that shows its numbers."""

    text: str
    target: str | None


def inventory(circuits: pd.DataFrame) -> Statement:
    """Say what exists, by evidence class."""
    species = circuits["species"].nunique()
    counts = circuits["evidence"].value_counts()
    kinds = [
        f"{counts[kind.value]} {EVIDENCE_WORDS[kind.value]}"
        for kind in Evidence
        if kind.value in counts
    ]
    return Statement(
        f"{plural(len(circuits), 'circuit')} of {plural(species, 'species', 'species')} "
        f"{'is' if len(circuits) == 1 else 'are'} here: {', '.join(kinds)}.",
        address("datasets"),
    )


def beyond(
    effects: pd.DataFrame, motif: str, null: str, ensemble: str = "hard"
) -> Statement | None:
    """Say in how many circuits a triad lies beyond a null's own band; None without results.

    The band is the null's mean ± twice its spread; it is no error of the effect and this is no
    verdict.
    """
    rows = effects[
        (effects["motif"] == motif)
        & (effects["null"] == null)
        & (effects["ensemble"] == ensemble)
        & effects["z"].notna()
    ]
    if rows.empty:
        return None
    over = rows.loc[rows["z"] > BAND, "circuit"]
    under = rows.loc[rows["z"] < -BAND, "circuit"]
    inside = len(rows) - len(over) - len(under)
    name = NAMES[motif]
    return Statement(
        f"The {name} ({motif}) is more frequent than the {null} null's band allows "
        f"({ensemble} ensemble, mean ± {BAND:.0f} of its spread) in {len(over)} of "
        f"{plural(len(rows), 'circuit')}, less frequent in {len(under)}, inside in {inside}.",
        address("motifs", circuits=list(rows["circuit"].unique())[:12], null=null),
    )


def not_counted(effects: pd.DataFrame, null: str) -> Statement | None:
    """Say which circuits have canonical expectations only; None where there is none."""
    rows = effects[effects["null"] == null]
    kinds = rows.groupby("circuit")["ensemble"].agg(set)
    only = sorted(kinds.index[kinds.map(lambda found: "hard" not in found)])
    if not only:
        return None
    return Statement(
        f"{plural(len(only), 'larger circuit')} {'has' if len(only) == 1 else 'have'} a canonical "
        f"expectation only, which is refitted and biased in sparse circuits, and "
        f"{'is' if len(only) == 1 else 'are'} not counted above.",
        address("motifs", circuits=only[:12], null=null),
    )


def barrel(circuits: pd.DataFrame) -> Statement | None:
    """Say what the barrels of layer 4 rest on; None where there is none."""
    rows = circuits[(circuits["area"] == "s1-barrel") & (circuits["layer"] == "L4")]
    if rows.empty:
        return None
    measured = int(rows["evidence"].str.startswith("em_").sum())
    if measured:
        text = f"{measured} of {plural(len(rows), 'barrel')} of layer 4 measured neuron by neuron."
    else:
        kinds = ", ".join(sorted({EVIDENCE_WORDS[name] for name in rows["evidence"]}))
        text = f"No barrel of layer 4 here was measured neuron by neuron; evidence: {kinds}."
    return Statement(text, address("circuit", circuit=str(rows["circuit"].iloc[0])))


def no_verdicts() -> Statement:
    """Say where verdicts are given: they depend on which groups are compared."""
    return Statement(
        "No verdict (invariant, divergent, undetermined) is given on this page: it depends on the "
        "circuits and the margin. To have one: isocortex compare CIRCUIT CIRCUIT",
        None,
    )


def statements(circuits: pd.DataFrame, effects: pd.DataFrame) -> list[Statement]:
    """All statements that the data allow."""
    said: list[Statement | None] = [
        inventory(circuits),
        barrel(circuits),
        beyond(effects, "030T", "reciprocal"),
        beyond(effects, "030C", "reciprocal"),
        not_counted(effects, "reciprocal"),
        no_verdicts(),
    ]
    return [one for one in said if one is not None]
