// Classes of a triad that depart from a null
// in: Motifs of a circuit
// Which class triples of a triad occur more or less often than a null expects, those that never occur (without a log ratio) and the strongest first; classes are those of A, B, C in the drawings of docs/methods.md. From the hard ensemble where it was sampled. `isocortex census CIRCUIT --typed` computes them, the next run writes them.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $motif = "030T" triad by its MAN code
// $null = "degree" er, block, degree or reciprocal
// $by = "cell_class" column of the classes
// $p = 0.05 largest p, adjusted over all classes and motifs
MATCH (:Circuit {name: $circuit})-[:Measured]->(t:TypedEffect {motif: $motif, null: $null, by: $by})
WITH t ORDER BY t.ensemble DESC
WITH t.classes AS classes, head(collect(t)) AS t
WHERE t.pAdjusted < $p
RETURN classes, t.ensemble AS ensemble, t.observed AS observed, t.expected AS expected,
       t.logRatio AS log_ratio, t.low AS low, t.high AS high, t.pAdjusted AS p_adjusted
ORDER BY abs(log_ratio) DESC, expected DESC, classes
