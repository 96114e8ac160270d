"""What people see of Markov chains that have not converged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isocortex.show import number, stdout
from schemas.records import AnalysisRecord


def warnings(record: AnalysisRecord) -> None:
    """Print a line for every ensemble of a census whose chains have not converged."""
    for null, found in record.diagnostics.items():
        if found["converged"] is False:
            stdout().print(f"[bold]{null} (hard)[/bold]: {words(found)}", highlight=False)
            stdout().print(
                "  → its expectations and SDs are less certain than the number of samples says; "
                "take more: --samples 1000",
                markup=False,
                highlight=False,
            )


def words(found: Mapping[str, Any]) -> str:
    """Say what is wrong with chains (`analysis.nulls.convergence.diagnose`), and with which triad.

    >>> words({"chains": 4, "samples": 50, "ess": 63.2, "rhat": 1.09,
    ...        "motifs": {"030C": {"rhat": 1.09, "ess": 80.0}, "300": {"rhat": 1.01, "ess": 63.2}}})
    '200 samples are worth 63 independent ones (300), R̂ 1.09 (030C)'
    """
    motifs = found["motifs"]
    poorest = min(motifs, key=lambda code: motifs[code]["ess"])
    far = [code for code, one in motifs.items() if one["rhat"] is None]
    farthest = far[0] if far else max(motifs, key=lambda code: motifs[code]["rhat"])
    apart = "chains that do not move disagree" if far else f"R̂ {number(found['rhat'])}"
    return (
        f"{number(found['chains'] * found['samples'])} samples are worth "
        f"{number(round(found['ess']))} independent ones ({poorest}), {apart} ({farthest})"
    )


def circuits(not_converged: Mapping[str, list[str]]) -> None:
    """Print the circuits of a run whose chains have not converged, by name."""
    if not not_converged:
        return
    named = ", ".join(f"{name} ({', '.join(nulls)})" for name, nulls in not_converged.items())
    stdout().print(
        f"chains not converged: {named}; `isocortex census CIRCUIT --samples 1000` takes more",
        markup=False,
        highlight=False,
    )
