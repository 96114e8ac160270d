// Spread of every motif across circuits
// in: Circuits and species compared
// Smallest and largest effect of each triad over the circuits of one evidence class; not yet a claim of invariance.
// $evidence = "em_dense" em_dense, em_sparse, statistical, model, …
// $null = "reciprocal" er, block, degree or reciprocal
// $ensemble = "hard" hard or canonical
MATCH (c:Circuit {evidence: $evidence})-[:Measured]->(s:MotifStatistic {null: $null, ensemble: $ensemble})
WHERE s.logRatio IS NOT NULL
WITH s.motif AS motif, count(*) AS circuits, collect(DISTINCT c.species) AS species, min(s.logRatio) AS smallest,
     avg(s.logRatio) AS mean, max(s.logRatio) AS largest
RETURN motif, circuits, species, smallest, mean, largest, largest - smallest AS spread
ORDER BY spread, motif
