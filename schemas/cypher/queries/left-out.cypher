// What was not computed, and why
// in: Provenance
// Computations that a circuit cannot have, or that would take longer than a run waits for.
MATCH (c:Circuit)
CALL (c) {
  MATCH (c)<-[:Used]-(a:Analysis) WHERE a.refused IS NOT NULL
  RETURN a.analysis AS what, a.refused AS why
  UNION ALL
  MATCH (c)-[:Measured]->(s:CircuitStatistic) WHERE s.refused IS NOT NULL
  RETURN s.name AS what, s.refused AS why
}
RETURN c.name AS circuit, what, why
ORDER BY circuit, what
