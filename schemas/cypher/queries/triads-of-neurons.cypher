// Neurons in most of a triad
// in: Motifs of a circuit
// How many triads of one kind, within the circuit, hold each neuron; `isocortex participation` tells its roles too.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
// $motif = "030T" connected triad by its MAN code
// $limit = 25 rows
MATCH (:Circuit {name: $circuit})<-[r:InCircuit]-(n:Neuron)
WITH n, r['triads' + $motif] AS triads
WHERE triads IS NOT NULL
RETURN n.bodyId AS body, n.instance AS name, n.type AS type, n.cellClass AS cell_class, triads
ORDER BY triads DESC, body
LIMIT $limit
