"""The correction that holds under each null, where it holds, and what it costs in certainty.

Under `er` the census is taken back through the exact triad kernel. Under `degree` the hard effect
is continued to no missed and no spurious connections by linear SIMEX. Under `reciprocal` the hard
effect is left as it is: counts and expectation thin alike; by how much they do not in this circuit
is said. Each was tried on circuits of known truth (docs/methods.md); beyond what was tried there is
no claim, and the row says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.circuit import Circuit
from analysis.motifs import MAN
from analysis.reconstruction.kernel import kernel_effect
from analysis.reconstruction.simex import LAMBDAS, simex
from analysis.reconstruction.stated import Stated
from schemas.errors import UsageError

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

LIMITS = {"er": 0.3, "degree": 0.2, "reciprocal": 0.3}  # largest f
METHODS = {"er": "kernel", "degree": "simex", "reciprocal": "none"}
MOST_SPURIOUS = 0.1  # of the connections seen
UNSTABLE = ("030C", "120U")  # under `er` beyond STABLE: few, and far enlarged by the inverse
STABLE = 0.2
FEWEST = 10  # triads that carry an effect
TOO_FEW = f"fewer than {FEWEST} were seen"
WIDEST = 2.5  # inflation
COLUMNS = (
    "motif", "null", "ensemble", "observed", "raw", "corrected", "by", "shift", "inflation",
    "mc_sd", "rate_sd", "se", "df", "low", "high", "residual", "claim", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class _Corrected:
    """What a method gives, shape (16,) each; `drift` is a shift that is not taken off."""

    shift: Floats
    counts: Floats
    inflation: Floats
    mc_sd: Floats
    drift: Floats


def check_null(null: str) -> None:
    """Refuse a null under which no correction is known.

    Raises
    ------
    UsageError
    """
    if null not in LIMITS:
        raise UsageError(
            f"what missed connections do to effects under {null} was not studied",
            remedy=f"take {', '.join(LIMITS)}",
        )


def refusal(circuit: Circuit, null: str, ensemble: str, stated: Stated) -> str | None:
    """Say why no motif of a circuit can be corrected; None where some can."""
    if stated.miss is None:
        return "the share of missed connections is not known"
    if stated.miss > LIMITS[null]:
        return (
            f"{stated.miss:.1%} of the connections missed: no claim above {LIMITS[null]:.0%} "
            f"under {null}"
        )
    if stated.spurious_share > MOST_SPURIOUS:
        return (
            f"{stated.spurious_share:.1%} of the connections spurious: no claim above "
            f"{MOST_SPURIOUS:.0%}"
        )
    if stated.miss + stated.spurious > LIMITS[null]:
        return (
            f"{stated.spurious:.1%} of the pairs without a connection have a spurious one: with "
            f"the missed ones no claim above {LIMITS[null]:.0%}"
        )
    if np.isnan(left_over(null, stated.miss, stated.spurious_share)):
        return (
            f"{stated.miss:.1%} of the connections missed and {stated.spurious_share:.1%} spurious "
            f"were not tried together under {null}"
        )
    if null != "er" and ensemble != "hard":
        return (
            "only hard effects can be corrected: the bias of canonical ones grows with what is "
            "missed"
        )
    most = max(LAMBDAS) * stated.spurious_share * circuit.m
    if null != "er" and most > circuit.frame.pairs - circuit.m:
        return "too few pairs without a connection to add spurious ones"
    return None


def correct(
    circuit: Circuit,
    null: str,
    stated: Stated,
    effects: pd.DataFrame,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Correct the effects of a circuit for the errors of its reconstruction.

    Parameters
    ----------
    circuit : Circuit
    null : {"er", "degree", "reciprocal"}
    stated : Stated
        Error rates of its connections.
    effects : DataFrame
        Its effects under `null` in one ensemble, a row per triad: motif, ensemble, observed,
        log_ratio, and, if standard errors are known, se and df.
    seed : int, optional
        Of the extrapolation.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    DataFrame
        One row per triad. `corrected` = raw + `shift`; `inflation` = SD of the corrected over that
        of the raw effect; `se` = sqrt((inflation·se)² + `mc_sd`² + `rate_sd`²), where `mc_sd` comes
        from the draws of the extrapolation and `rate_sd` is half of what the effect differs by
        between f ± its SD; `low` and `high` are the 95 % interval of Student's t, nan where no SE
        was given; `residual` is the largest mean shift that was left in circuits of known truth,
        under `reciprocal` also the shift that SIMEX would make here, if that is larger.
        Where `claim` is false, `reason` says why, and nothing is corrected.

    Raises
    ------
    UsageError
        If no correction is known under the null.
    """
    check_null(null)
    rows = effects.set_index("motif").loc[list(MAN)]
    ensemble = str(rows["ensemble"].iloc[0])
    observed, raw = rows["observed"].to_numpy(float), rows["log_ratio"].to_numpy(float)
    nothing = np.full(len(MAN), np.nan)
    reasons: list[str] = [""] * len(MAN)
    found, rate_sd = _Corrected(nothing, observed, nothing, nothing, nothing), nothing
    why = refusal(circuit, null, ensemble, stated)
    if why is None and (observed < FEWEST).all():
        why = TOO_FEW
    if why is not None:
        reasons = [why] * len(MAN)
    else:
        found = _method(circuit, null, stated, 0.0, seed, True, progress)
        rate_sd = _rate_sd(circuit, null, stated, seed)
        if null == "er" and (stated.miss or 0) > STABLE:
            found.shift[np.isin(MAN, UNSTABLE)] = np.nan
        judged = (observed, raw, found.shift, found.counts, found.inflation, found.mc_sd)
        reasons = [_why_not(*one) for one in zip(*judged, strict=True)]
    claim = np.array([not reason for reason in reasons])
    residual = np.fmax(
        left_over(null, stated.miss or 0.0, stated.spurious_share), np.abs(found.drift)
    )
    table = pd.DataFrame(
        {
            "motif": MAN,
            "null": null,
            "ensemble": ensemble,
            "observed": rows["observed"].to_numpy(),
            "raw": raw,
            "corrected": np.where(claim, raw + found.shift, np.nan),
            "by": METHODS[null],
            "shift": np.where(claim, found.shift, np.nan),
            "inflation": np.where(claim, found.inflation, np.nan),
            "mc_sd": np.where(claim, found.mc_sd, np.nan),
            "rate_sd": np.where(claim, rate_sd, np.nan),
            "residual": np.where(claim, residual, np.nan),
            "claim": claim,
            "reason": reasons,
        }
    )
    return _with_interval(table, rows)[list(COLUMNS)]


def left_over(null: str, miss: float, spurious: float = 0.0) -> float:
    """Largest mean shift left in circuits of known truth; nan beyond what was tried.

    Parameters
    ----------
    null : str
    miss : float
        f.
    spurious : float, optional
        Spurious connections, as a share of those seen.
    """
    rows = (left for f, share, left in RESIDUAL[null] if miss <= f and spurious <= share)
    return next(rows, float("nan"))


def _method(
    circuit: Circuit,
    null: str,
    stated: Stated,
    away: float,
    seed: int,
    with_inflation: bool,
    progress: Progress | None = None,
) -> _Corrected:
    """Shift of the effects at f + `away`."""
    assert stated.miss is not None
    miss = min(max(0.0, stated.miss + away), 0.9)
    zero, one = np.zeros(len(MAN)), np.ones(len(MAN))
    if null == "er":
        kernel = kernel_effect(circuit, miss, stated.spurious, with_inflation=with_inflation)
        shift = kernel.corrected - kernel.raw
        return _Corrected(shift, kernel.counts, kernel.inflation, zero, zero)
    full = np.full(len(MAN), np.inf)  # the counts that were seen are judged already
    if miss == stated.spurious_share == 0:
        return _Corrected(zero, full, one, zero, zero)
    corrects = null != "reciprocal"
    line = simex(
        circuit,
        null,
        miss,
        stated.spurious_share,
        seed=seed,
        with_inflation=with_inflation and corrects,
        progress=progress,
    )
    if not corrects:
        return _Corrected(zero, full, one, zero, line.shift)
    return _Corrected(line.shift, full, line.inflation, line.mc_sd, zero)


def _rate_sd(circuit: Circuit, null: str, stated: Stated, seed: int) -> Floats:
    """Half of what the effects differ by between f + SD and f − SD."""
    if stated.miss_sd == 0 or null == "reciprocal":
        return np.zeros(len(MAN))
    more, less = (
        _method(circuit, null, stated, sign * stated.miss_sd, seed, False).shift for sign in (1, -1)
    )
    half: Floats = np.abs(more - less) / 2
    return half


def _why_not(
    observed: float, raw: float, shift: float, counts: float, inflation: float, mc_sd: float
) -> str:
    """Say why one motif is not corrected; empty where it is."""
    if observed < FEWEST:
        return TOO_FEW
    if not np.isfinite(raw):
        return "the null expects none"
    if counts < FEWEST:
        return f"fewer than {FEWEST} are left after the correction"
    if not np.isfinite(shift + mc_sd):
        return "too few triads are left to correct them"
    if not np.isfinite(inflation):
        return "what the correction costs in certainty is lost in the noise of the samples"
    if inflation > WIDEST:
        return f"the correction makes the effect {inflation:.1f} times less certain"
    return ""


def _with_interval(table: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Add se, df, low and high; nan where the effects carry no standard error."""
    from scipy.stats import t

    nothing = np.full(len(table), np.nan)
    known = {"se", "df"} <= set(effects.columns)
    se, df = (effects[name].to_numpy(float) if known else nothing for name in ("se", "df"))
    total = np.sqrt((se * table["inflation"]) ** 2 + table["mc_sd"] ** 2 + table["rate_sd"] ** 2)
    reach = t.ppf(0.975, df) * total
    return table.assign(
        se=total, df=df, low=table["corrected"] - reach, high=table["corrected"] + reach
    )


# Largest mean shift left in circuits of known truth (docs/methods.md): up to which f, up to which
# share of spurious connections, shift; the first row that holds.
RESIDUAL: dict[str, tuple[tuple[float, float, float], ...]] = {
    "er": ((0.1, 0.1, 0.05), (0.2, 0.05, 0.06), (0.2, 0.1, 0.08), (0.3, 0.05, 0.10)),
    "degree": ((0.1, 0.1, 0.06), (0.2, 0.05, 0.09), (0.2, 0.1, 0.11)),
    "reciprocal": ((0.1, 0.1, 0.05), (0.2, 0.1, 0.09), (0.3, 0.1, 0.10)),
}
