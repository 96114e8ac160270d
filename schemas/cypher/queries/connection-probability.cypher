// Connection probability from type to type
// in: Wiring of a circuit
// Share of ordered pairs of different neurons that are connected, with the numbers it is made of.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
// $least = 5 fewest neurons of a type
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron)
WHERE n.type IS NOT NULL
WITH k, n.type AS type, count(n) AS size
WHERE size >= $least
WITH k, collect({type: type, size: size}) AS types
UNWIND types AS pre
UNWIND types AS post
CALL (k, pre, post) {
  MATCH (k)<-[:InCircuit]-(a:Neuron)-[c:ConnectsTo]->(b:Neuron)
  WHERE a.type = pre.type AND b.type = post.type AND (b)-[:InCircuit]->(k)
  RETURN count(c) AS connections
}
WITH pre.type AS pre_type, post.type AS post_type, connections,
     pre.size * post.size - CASE WHEN pre.type = post.type THEN pre.size ELSE 0 END AS pairs
RETURN pre_type, post_type, connections, pairs, toFloat(connections) / pairs AS probability
ORDER BY probability DESC, pre_type, post_type
