// Which motifs are the same in several circuits
// in: Circuits and species compared
// Every verdict over circuits of which one is given: INVARIANT, DIVERGENT or UNDETERMINED within a margin (a ratio of effects), about these circuits and no others; the effects are in the order of the circuits. Not confounded: all of one evidence class. `isocortex compare CIRCUIT CIRCUIT` makes them, the next run writes them.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $null = "reciprocal" null beyond which effects were compared
MATCH (:Circuit {name: $circuit})<-[:Over]-(v:Verdict {null: $null})
RETURN COLLECT { MATCH (v)-[:Over]->(c:Circuit) RETURN c.name ORDER BY c.name } AS circuits, v.margin AS margin,
       v.motif AS motif, v.claim AS verdict,
       COLLECT { MATCH (v)-[o:Over]->(c:Circuit) RETURN o.logRatio ORDER BY c.name } AS log_ratios,
       v.qInv AS p_same, v.qDiv AS p_apart, v.smallestMargin AS same_from, v.mde AS apart_from,
       v.confounded AS confounded, v.reason AS reason
ORDER BY circuits, margin, motif
