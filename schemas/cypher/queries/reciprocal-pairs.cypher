// Reciprocal pairs of a circuit
// in: Wiring of a circuit
// Pairs of neurons that connect to each other, the strongest weaker direction first.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
// $limit = 50 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(a:Neuron)-[there:ConnectsTo]->(b:Neuron)-[back:ConnectsTo]->(a)
WHERE a.bodyId < b.bodyId AND (b)-[:InCircuit]->(k)
RETURN a.bodyId AS a, a.instance AS a_name, b.bodyId AS b, b.instance AS b_name, there.weight AS a_to_b,
       back.weight AS b_to_a
ORDER BY CASE WHEN a_to_b < b_to_a THEN a_to_b ELSE b_to_a END DESC, a, b
LIMIT $limit
