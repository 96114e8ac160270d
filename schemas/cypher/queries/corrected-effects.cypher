// Effects corrected for the circuit's own errors
// in: Motifs of a circuit
// Each triad as seen and as it would be without the errors of the reconstruction, in log ratios, with the reason where that cannot be claimed. `isocortex robustness CIRCUIT` computes them where error rates are stated or given, the next run writes them.
// $circuit = "mouse-microns-mm3/rl-l4" name of a circuit
// $null = "reciprocal" er, degree or reciprocal
MATCH (:Circuit {name: $circuit})-[:Measured]->(e:CorrectedEffect {null: $null})
RETURN e.motif AS motif, e.ensemble AS ensemble, e.observed AS observed, e.miss AS missed, e.raw AS raw,
       e.corrected AS corrected, e.low AS low, e.high AS high, e.residual AS residual, e.reason AS no_claim
ORDER BY motif, ensemble
