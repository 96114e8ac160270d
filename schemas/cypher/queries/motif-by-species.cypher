// One motif, species by species
// in: Circuits and species compared
// Mean effect of a triad over the circuits of each species and evidence class; read evidence classes apart.
// $motif = "030T" triad by its MAN code
// $null = "reciprocal" er, block, degree or reciprocal
MATCH (c:Circuit)-[:Measured]->(s:MotifStatistic {motif: $motif, null: $null})
WITH c, s ORDER BY s.ensemble DESC
WITH c, head(collect(s)) AS s
WHERE s.logRatio IS NOT NULL
RETURN c.species AS species, c.evidence AS evidence, count(c) AS circuits, avg(s.logRatio) AS mean_log_ratio,
       min(s.logRatio) AS smallest, max(s.logRatio) AS largest
ORDER BY species, evidence
