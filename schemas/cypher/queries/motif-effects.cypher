// All motif effects of a circuit
// in: Motifs of a circuit
// The 16 triads of one circuit against each null of the ladder.
// $circuit = "larva-mb-left/mushroom-body" name of a circuit
MATCH (c:Circuit {name: $circuit})-[:Measured]->(s:MotifStatistic)
RETURN s.motif AS motif, s.null AS null_model, s.ensemble AS ensemble, s.observed AS observed,
       s.expected AS expected, s.sd AS sd_of_null, s.logRatio AS log_ratio,
       s.se AS se, s.low AS low, s.high AS high, s.rule AS rule, s.pHolm AS p_holm, s.z AS z
ORDER BY motif, null_model, ensemble
