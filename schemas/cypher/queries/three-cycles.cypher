// Three-cycles of a circuit
// in: Motifs of a circuit
// Instances a → b → c → a without any connection the other way (triad 030C); each is listed once.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
// $limit = 50 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(a:Neuron)
WITH k, a
MATCH (a)-[:ConnectsTo]->(b)-[:ConnectsTo]->(c)-[:ConnectsTo]->(a)
WHERE a.bodyId < b.bodyId AND a.bodyId < c.bodyId AND (b)-[:InCircuit]->(k) AND (c)-[:InCircuit]->(k)
  AND NOT (b)-[:ConnectsTo]->(a) AND NOT (c)-[:ConnectsTo]->(b) AND NOT (a)-[:ConnectsTo]->(c)
RETURN a.bodyId AS a, a.type AS a_type, b.bodyId AS b, b.type AS b_type, c.bodyId AS c, c.type AS c_type
ORDER BY a, b, c
LIMIT $limit
