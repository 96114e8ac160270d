// Hub neurons of a circuit
// in: Single neurons
// Neurons with the most partners within the circuit.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
// $limit = 25 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron)
RETURN n.bodyId AS body, n.instance AS name, n.type AS type, n.cellClass AS cell_class,
       COUNT { (n)-[:ConnectsTo]->(m:Neuron) WHERE (m)-[:InCircuit]->(k) } AS targets,
       COUNT { (n)<-[:ConnectsTo]-(m:Neuron) WHERE (m)-[:InCircuit]->(k) } AS sources
ORDER BY targets + sources DESC, body
LIMIT $limit
