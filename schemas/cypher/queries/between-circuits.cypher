// Connections between two circuits
// in: Wiring of a circuit
// From cells of one circuit to cells of another of the same dataset, such as two areas or two modules.
// $from = "mouse-microns-mm3/v1-l4" name of a circuit
// $to = "mouse-microns-mm3/rl-l4" name of a circuit
MATCH (f:Circuit {name: $from})<-[:InCircuit]-(a:Neuron)-[c:ConnectsTo]->(b:Neuron)
WHERE EXISTS { (b)-[:InCircuit]->(:Circuit {name: $to}) }
RETURN a.polarity AS pre_polarity, b.polarity AS post_polarity, count(c) AS connections, sum(c.weight) AS weight,
       count(DISTINCT a) AS senders, count(DISTINCT b) AS receivers
ORDER BY connections DESC, pre_polarity, post_polarity
