"""The hard ensembles of one measurement: drawn by workers, resumed from what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from schemas.errors import WorkersUnavailable

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from analysis.nulls.ensembles import Counter, Ensemble, Tell
    from isocortex.workers import Workers
    from store.ensembles import Batches


class Sampling:
    """Draws ensembles as `analysis.nulls.ensembles.sample_ensemble` does.

    Parameters
    ----------
    workers : Workers
    batches : Batches or None
        Where finished batches are kept.
    drawn : mapping, optional
        Ensembles that are there already, by null.

    Attributes
    ----------
    diagnostics : dict of str to dict
        Of every Markov-chain ensemble drawn, by null.
    drawn : dict of str to Ensemble
        All of them.
    """

    def __init__(
        self,
        workers: Workers,
        batches: Batches | None,
        drawn: Mapping[str, Ensemble] | None = None,
    ) -> None:
        self.drawn = dict(drawn or {})
        self.diagnostics: dict[str, dict[str, Any]] = {}
        self._workers, self._batches = workers, batches

    def __call__(
        self,
        circuit: Circuit,
        null: str,
        samples: int,
        seed: int,
        *,
        progress: Tell | None = None,
        beside: Counter | None = None,
    ) -> Ensemble:
        """Draw one ensemble.

        Raises
        ------
        WorkersUnavailable
            If workers cannot be reached, are lost, or would give other numbers.
        """
        if null not in self.drawn:
            self.drawn[null] = self._draw(circuit, null, samples, seed, progress, beside)
        ensemble = self.drawn[null]
        if ensemble.diagnostics is not None:
            self.diagnostics[null] = ensemble.diagnostics
        return ensemble

    def _draw(
        self,
        circuit: Circuit,
        null: str,
        samples: int,
        seed: int,
        progress: Tell | None,
        beside: Counter | None,
    ) -> Ensemble:
        from analysis.nulls.ensembles import expected_seconds, sample_ensemble

        crew = self._workers.crew(circuit, expected_seconds(circuit, null, samples))
        kept = self._batches
        try:
            return sample_ensemble(
                circuit,
                null,
                samples,
                seed,
                progress=progress,
                executor=crew.executor,
                shipped=crew.shipped,
                at_once=crew.at_once,
                known=None if kept is None else partial(kept.get, null),
                keep=None if kept is None else partial(kept.put, null),
                beside=beside,
            )
        except crew.lost as failure:
            raise WorkersUnavailable(
                f"the cluster lost its workers while they drew samples of {null}: {failure}",
                remedy="see to them and run again: what was drawn of a circuit of the lake is kept",
            ) from failure
