// One motif in every circuit
// in: Circuits and species compared
// The effect of one triad beyond one null, circuit by circuit, the hard ensemble where it was sampled.
// $motif = "030T" triad by its MAN code
// $null = "reciprocal" er, block, degree or reciprocal
MATCH (c:Circuit)-[:Measured]->(s:MotifStatistic {motif: $motif, null: $null})
WITH c, s ORDER BY s.ensemble DESC
WITH c, head(collect(s)) AS s
RETURN c.species AS species, c.evidence AS evidence, c.name AS circuit, c.layer AS layer, s.ensemble AS ensemble,
       s.observed AS observed, s.expected AS expected, s.logRatio AS log_ratio, s.z AS z
ORDER BY species, evidence, circuit
