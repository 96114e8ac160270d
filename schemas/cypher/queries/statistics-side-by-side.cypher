// Statistics of all circuits side by side
// in: Circuits and species compared
// One row a circuit, one number of each statistic; empty where a circuit has none (template left-out says why). All values, with errors: statistic-across-circuits.
MATCH (c:Circuit)-[:Measured]->(s:CircuitStatistic)
WITH c, collect(s) AS found
RETURN c.species AS species, c.evidence AS evidence, c.name AS circuit, c.neurons AS neurons,
       head([s IN found WHERE s.name = 'density' | s.value]) AS density,
       head([s IN found WHERE s.name = 'reciprocity' AND s.of = 'share' | s.value]) AS reciprocity,
       head([s IN found WHERE s.name = 'clustering' AND s.of = 'all' | s.value]) AS clustering,
       head([s IN found WHERE s.name = 'degree_correlation' | s.value]) AS degree_correlation,
       head([s IN found WHERE s.name = 'modularity' AND s.of = 'directed' | s.value]) AS modularity,
       head([s IN found WHERE s.name = 'small_world' AND s.of = 'small-world-ness' | s.value]) AS small_world,
       head([s IN found WHERE s.name = 'spectral_radius' AND s.of = 'relative to mean degree' | s.value]) AS spectral_radius,
       head([s IN found WHERE s.name = 'trophic_incoherence' | s.value]) AS trophic_incoherence,
       head([s IN found WHERE s.name = 'feedback_arcs' | s.value]) AS feedback_arcs,
       head([s IN found WHERE s.name = 'strongly_connected' AND s.of = 'neurons in the largest' | s.value]) AS strongly_connected
ORDER BY species, evidence, circuit
