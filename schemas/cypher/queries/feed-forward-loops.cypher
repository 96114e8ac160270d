// Feed-forward loops of a circuit
// in: Motifs of a circuit
// Instances a → b → c with a → c and no connection back (triad 030T); counts are in the statistics.
// $circuit = "rat-l6-lbc/l6-lbc" name of a circuit
// $limit = 50 rows
MATCH (k:Circuit {name: $circuit})<-[:InCircuit]-(a:Neuron)-[ab:ConnectsTo]->(b:Neuron)-[bc:ConnectsTo]->(c:Neuron),
      (a)-[ac:ConnectsTo]->(c)
WHERE (b)-[:InCircuit]->(k) AND (c)-[:InCircuit]->(k)
  AND NOT (b)-[:ConnectsTo]->(a) AND NOT (c)-[:ConnectsTo]->(b) AND NOT (c)-[:ConnectsTo]->(a)
RETURN a.bodyId AS a, a.type AS a_type, b.bodyId AS b, b.type AS b_type, c.bodyId AS c, c.type AS c_type,
       ab.weight AS a_b, bc.weight AS b_c, ac.weight AS a_c
LIMIT $limit
