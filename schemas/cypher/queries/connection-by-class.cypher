// Connections by cell class
// in: Wiring of a circuit
// Number of connections and synapses from class to class within a circuit.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(a:Neuron)-[c:ConnectsTo]->(b:Neuron)
WHERE (b)-[:InCircuit]->(k)
RETURN a.cellClass AS pre_class, b.cellClass AS post_class, count(c) AS connections, sum(c.weight) AS synapses,
       avg(c.weight) AS mean_weight
ORDER BY connections DESC, pre_class, post_class
