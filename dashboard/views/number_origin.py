"""What made one number: null, ensemble, parameters, seed, code, data, and the Cypher for it."""

from __future__ import annotations

import math

from analysis.nulls import nulls
from dashboard import cypher
from dashboard.address import address, link
from dashboard.effects import Effect
from dashboard.views.glyphs import glyph, label
from dashboard.views.marks import evidence_badge
from dashboard.views.numbers import effect as effect_text
from dashboard.views.numbers import number
from dashboard.views.strip import interval_words
from dashboard.views.svg import element, words
from dashboard.views.tables import facts
from schemas.records import AnalysisRecord

_KEPT = {
    "canonical": "on average; mean and spread are analytic",
    "hard": "exactly; mean and spread are those of the samples",
}


def _freedom(effect: Effect) -> str:
    return f"{number(float(effect['df']))} degrees of freedom, rule {effect['rule']}"


def number_facts(
    effect: Effect, record: AnalysisRecord, evidence: str, instances: str | None
) -> str:
    """Facts behind one effect (a row of `dashboard.effects.shown`).

    `instances` is the address of a query for instances of the motif, None where there is none.
    """
    null, ensemble = str(effect["null"]), str(effect["ensemble"])
    keeps = nulls()[null].keeps if null in nulls() else ""
    parameters = "; ".join(
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in record.parameters.items()
    )
    asked = {
        "circuit": record.circuit,
        "motif": str(effect["motif"]),
        "null": null,
        "ensemble": ensemble,
    }
    statistic = address("query", q=cypher.STATISTIC, p=cypher.values_text(dict(asked)), run="yes")
    more = link(statistic, "Ask the graph for this number")
    if instances is not None:
        more += " · " + link(instances, "Ask it for instances")
    head = element(
        "div",
        glyph(asked["motif"], 40) + " " + element("b", words(label(asked["motif"]))),
        class_="wide",
    )
    return head + facts(
        {
            "Circuit": link(address("circuit", circuit=record.circuit), record.circuit),
            "Evidence": evidence_badge(evidence),
            "Observed": number(int(effect["observed"])),
            "Expected": number(float(effect["expected"]))
            + element("small", words(f" under the {null} null, {ensemble} ensemble")),
            "The null's spread": number(float(effect["sd"]))
            + element("small", " between graphs of the null; no error of the effect"),
            "log₂(observed / expected)": effect_text(float(effect["log2"])),
            "95 % interval": words(interval_words(effect)),
            "Standard error": number(float(effect["se"]))
            + element("small", words(f" of the natural logarithm, {_freedom(effect)}")),
            "Smallest detectable": effect_text(float(effect["mde"]) / math.log(2))
            + element("small", " log₂, in four of five circuits"),
            "z": f"{number(float(effect['z']))}"
            + element("small", words(f" spreads of the {null} null, {ensemble} ensemble")),
            "The null keeps": words(f"{keeps}, {_KEPT.get(ensemble, '')}"),
            "Parameters": words(parameters),
            "Seed": number(record.seed),
            "Dataset version": element("code", words(f"{record.dataset}@{record.version}")),
            "Code version": element("code", words(record.code_version)),
            "Computed": words(f"{record.created.replace('T', ' ')}, {record.seconds:g} s"),
            "Result key": element("code", words(record.key)),
            "In the graph": more,
        }
    )
