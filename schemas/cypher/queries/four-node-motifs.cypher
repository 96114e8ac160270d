// Motifs of four neurons in two circuits
// in: Circuits and species compared
// All classes of one shape, each with its share of that shape in either circuit; se is of a count that was estimated.
// $first = "larva-mb-left/mushroom-body" name of a circuit
// $second = "larva-mb-right/mushroom-body" name of another
// $shape = "cycle" star, path, cycle, paw, diamond, clique, …
MATCH (c:Circuit) WHERE c.name IN [$first, $second]
WITH c.name AS circuit, [(c)-[:Measured]->(f:FourNodeMotif) WHERE f.shape = $shape | f] AS found
WITH circuit, found, reduce(total = 0.0, f IN found | total + f.count) AS total
UNWIND found AS f
WITH f.code AS code, f.edges AS edges, collect({circuit: circuit, count: f.count, se: f.se,
     share: CASE total WHEN 0 THEN null ELSE f.count / total END}) AS counts
WITH code, edges, head([x IN counts WHERE x.circuit = $first]) AS one,
     head([x IN counts WHERE x.circuit = $second]) AS other
RETURN code, edges, one.count AS first, one.se AS first_se, one.share AS first_share,
       other.count AS second, other.se AS second_se, other.share AS second_share
ORDER BY first DESC, code
