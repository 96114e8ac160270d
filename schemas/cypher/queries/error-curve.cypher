// How the effect of a triad moves with an error
// in: Motifs of a circuit
// The effect at every level of an error that was added to the circuit, mean of the draws and SD between them. No claim holds where more than 20 % (degree) or 30 % (er, reciprocal) of the connections are missed, those that the data miss already included. `isocortex robustness CIRCUIT` computes curves, the next run writes them.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $motif = "030C" triad by its MAN code
// $null = "reciprocal" er, degree or reciprocal
// $error = "missed" missed, spurious, synapses, axon, dendrite, split, merge, …
MATCH (:Circuit {name: $circuit})-[:Measured]->(e:ErrorCurvePoint {motif: $motif, null: $null, error: $error})
RETURN e.level AS level, e.ensemble AS ensemble, e.logRatio AS log_ratio, e.spread AS spread, e.draws AS draws,
       e.observed AS observed, e.expected AS expected, e.connections AS connections, e.neurons AS neurons
ORDER BY level, ensemble
