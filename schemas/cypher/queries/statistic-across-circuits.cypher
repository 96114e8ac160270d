// One statistic in every circuit
// in: Circuits and species compared
// Its values with their standard errors, and the reason where a circuit has none; `isocortex statistics` lists the names.
// $statistic = "modularity" name of a statistic
MATCH (c:Circuit)-[:Measured]->(s:CircuitStatistic {name: $statistic})
RETURN c.species AS species, c.evidence AS evidence, c.name AS circuit, s.of AS of, s.value AS value, s.se AS se,
       s.expected AS expected, s.expectedBy AS expected_by, s.unit AS unit, s.refused AS refused
ORDER BY species, evidence, circuit, of
