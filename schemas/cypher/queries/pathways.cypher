// Strongest pathways between two layers
// in: Pathways between cell types
// From cell types of one layer to cell types of another, the most probable connection first; figures, not single neurons.
// $dataset = "rat-s1-pathways" name of a dataset
// $pre_layer = "L4" layer of the presynaptic somata
// $post_layer = "L2/3" layer of the postsynaptic somata
// $limit = 25 rows
MATCH (p:Pathway {dataset: $dataset, preLayer: $pre_layer, postLayer: $post_layer})
RETURN p.pre AS pre, p.post AS post, p.preCells AS pre_cells, p.postCells AS post_cells, p.found AS found,
       p.tested AS tested, p.probability AS probability, p.synapses AS synapses_per_connection,
       p.synapsesPerCell AS synapses_per_cell, p.doi AS doi, p.note AS note
ORDER BY probability IS NULL, probability DESC, synapses_per_cell DESC, pre, post, doi
LIMIT $limit
