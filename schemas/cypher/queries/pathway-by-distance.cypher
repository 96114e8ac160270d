// Connection probability by distance
// in: Pathways between cell types
// How the probability of a connection from one cell type to another falls with the distance of their somata.
// $dataset = "rat-s1-pathways" name of a dataset
// $pre = "L4_SS" presynaptic cell type, as the source spells it
// $post = "L4_PC" postsynaptic cell type, as the source spells it
MATCH (p:Pathway {dataset: $dataset, pre: $pre, post: $post})
UNWIND range(0, size(p.distances) - 1) AS place
RETURN p.distances[place] AS distance_um, p.probabilities[place] AS probability
ORDER BY distance_um
