// A triad by cell class
// in: Motifs of a circuit
// Which classes the neurons of one triad have, most frequent first; classes are those of A, B, C in the drawings of docs/methods.md.
// $circuit = "rat-nbs1-r0c10/l4" name of a circuit
// $motif = "030T" triad by its MAN code
// $limit = 25 rows
MATCH (:Circuit {name: $circuit})-[:Measured]->(t:TypedMotif {motif: $motif})
WITH collect(t) AS typed, sum(t.count) AS total
UNWIND typed AS t
RETURN t.classes AS classes, t.count AS count, toFloat(t.count) / total AS share
ORDER BY count DESC, classes
LIMIT $limit
