// Partners of one neuron
// in: Single neurons
// Every input and output of a neuron with its weight, the strongest first.
// $dataset = "worm-witvliet-8" name of a dataset
// $body = 1 bodyId of the neuron
MATCH (n:Neuron {bodyId: $body, dataset: $dataset})
CALL (n) {
  MATCH (n)-[c:ConnectsTo]->(m:Neuron) RETURN 'output' AS direction, m, c.weight AS weight
  UNION ALL
  MATCH (n)<-[c:ConnectsTo]-(m:Neuron) RETURN 'input' AS direction, m, c.weight AS weight
}
RETURN direction, m.bodyId AS body, m.instance AS name, m.type AS type, m.polarity AS polarity, weight
ORDER BY direction, weight DESC, body
