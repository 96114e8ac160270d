// Strongest connections of a cell type
// in: Single neurons
// Connections that start at neurons of one type, in all datasets, the heaviest first.
// $type = "K" cell type, as the source spells it
// $limit = 25 rows
MATCH (n:Neuron {type: $type})-[c:ConnectsTo]->(m:Neuron)
RETURN n.dataset AS dataset, n.bodyId AS pre, n.instance AS pre_name, m.bodyId AS post, m.instance AS post_name,
       m.type AS post_type, c.weight AS weight
ORDER BY weight DESC, dataset, pre, post
LIMIT $limit
