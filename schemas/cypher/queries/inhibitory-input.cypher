// Share of inhibitory input
// in: Single neurons
// For every neuron of a circuit, how much of its input weight within the circuit comes from inhibitory cells.
// $circuit = "mouse-microns-mm3/v1-l4" name of a circuit
// $limit = 25 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron)<-[c:ConnectsTo]-(m:Neuron)
WHERE (m)-[:InCircuit]->(k)
WITH n, sum(c.weight) AS weight, sum(CASE WHEN m.polarity = 'inhibitory' THEN c.weight ELSE 0 END) AS inhibitory
RETURN n.bodyId AS body, n.type AS type, n.polarity AS polarity, weight, inhibitory,
       toFloat(inhibitory) / weight AS share
ORDER BY share DESC, weight DESC, body
LIMIT $limit
