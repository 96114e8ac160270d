// Cell types of a circuit
// in: What is there
// How many neurons of each type and class a circuit holds.
// $circuit = "worm-witvliet-8/neurons" name of a circuit
MATCH (:Circuit {name: $circuit})<-[:InCircuit]-(n:Neuron)
RETURN n.type AS type, n.cellClass AS cell_class, n.polarity AS polarity, count(n) AS neurons
ORDER BY neurons DESC, type, cell_class
