// Layer 4 circuits that over-express a motif
// in: Circuits and species compared
// Beyond a null, the hard ensemble where it was sampled; z counts the null's own SD.
// $motif = "030T" triad by its MAN code
// $null = "reciprocal" er, block, degree or reciprocal
// $z = 2.0 least z
MATCH (c:Circuit {layer: "L4"})-[:Measured]->(s:MotifStatistic {motif: $motif, null: $null})
WITH c, s ORDER BY s.ensemble DESC
WITH c, head(collect(s)) AS s
WHERE s.z > $z
RETURN c.name AS circuit, c.species AS species, c.evidence AS evidence, s.ensemble AS ensemble,
       s.observed AS observed, s.expected AS expected, s.logRatio AS log_ratio, s.z AS z
ORDER BY log_ratio DESC, circuit
