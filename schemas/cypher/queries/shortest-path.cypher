// Shortest ways from one neuron to another
// in: Single neurons
// All ways with the fewest connections, at most six, within one dataset.
// $dataset = "worm-witvliet-8" name of a dataset
// $from = 1 bodyId of the first neuron
// $to = 2 bodyId of the last neuron
MATCH (a:Neuron {uid: $dataset + ':' + toString($from)})
MATCH (b:Neuron {uid: $dataset + ':' + toString($to)})
MATCH way = allShortestPaths((a)-[:ConnectsTo*..6]->(b))
RETURN [n IN nodes(way) | n.bodyId] AS bodies, length(way) AS steps, [c IN relationships(way) | c.weight] AS weights
ORDER BY bodies
