// Shared inputs of pairs of neurons
// in: Wiring of a circuit
// Pairs of one cell type that receive from the most common neurons.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $type = "O" cell type, as the source spells it
// $limit = 25 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(a:Neuron {type: $type})<-[:ConnectsTo]-(source:Neuron)-[:ConnectsTo]->(b:Neuron {type: $type})
WHERE a.bodyId < b.bodyId AND (b)-[:InCircuit]->(k) AND (source)-[:InCircuit]->(k)
RETURN a.bodyId AS a, a.instance AS a_name, b.bodyId AS b, b.instance AS b_name, count(source) AS shared
ORDER BY shared DESC, a, b
LIMIT $limit
