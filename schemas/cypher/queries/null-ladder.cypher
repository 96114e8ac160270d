// One motif of one circuit up the ladder of nulls
// in: Motifs of a circuit
// What is left of the effect of a triad as the null keeps more of the circuit.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
// $motif = "030T" triad by its MAN code
MATCH (:Circuit {name: $circuit})-[:Measured]->(s:MotifStatistic {motif: $motif})
RETURN s.null AS null_model, s.ensemble AS ensemble, s.observed AS observed, s.expected AS expected,
       s.sd AS sd_of_null, s.logRatio AS log_ratio, s.low AS low, s.high AS high,
       s.pHolm AS p_holm, s.z AS z
ORDER BY CASE s.null WHEN 'er' THEN 1 WHEN 'block' THEN 2 WHEN 'distance' THEN 3 WHEN 'block_distance' THEN 4
         WHEN 'degree' THEN 5 WHEN 'reciprocal' THEN 6 ELSE 7 END, ensemble
