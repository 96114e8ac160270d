// Convergence onto the cells of a type
// in: Single neurons
// How many neurons of the circuit reach each cell of one type, and the share of the heaviest of them.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $type = "O" cell type, as the source spells it
// $limit = 25 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron {type: $type})<-[c:ConnectsTo]-(m:Neuron)
WHERE (m)-[:InCircuit]->(k)
RETURN n.bodyId AS body, n.instance AS name, count(c) AS inputs, sum(c.weight) AS weight,
       toFloat(max(c.weight)) / sum(c.weight) AS heaviest_share
ORDER BY inputs DESC, body
LIMIT $limit
