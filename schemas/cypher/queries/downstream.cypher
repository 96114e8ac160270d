// Neurons two steps downstream of one
// in: Single neurons
// What a neuron reaches through one intermediate, with the number of ways and the weakest-link weight.
// $dataset = "worm-witvliet-8" name of a dataset
// $body = 1 bodyId of the neuron
// $limit = 25 rows
MATCH (n:Neuron {bodyId: $body, dataset: $dataset})-[first:ConnectsTo]->(:Neuron)-[second:ConnectsTo]->(m:Neuron)
WHERE m <> n
RETURN m.bodyId AS body, m.instance AS name, m.type AS type, count(*) AS ways,
       sum(CASE WHEN first.weight < second.weight THEN first.weight ELSE second.weight END) AS weight
ORDER BY weight DESC, body
LIMIT $limit
