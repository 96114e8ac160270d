// A pathway in every dataset
// in: Pathways between cell types
// Pathways from one comparable cell class to another in all datasets, with what each of them rests on.
// $pre_class = "spiny-stellate" cell class of the presynaptic type
// $post_class = "basket" cell class of the postsynaptic type
MATCH (:CellClass {name: $pre_class})<-[:From]-(p:Pathway)-[:Onto]->(:CellClass {name: $post_class})
MATCH (p)-[:InDataset]->(d:Dataset)-[:OfIndividual]->(:Individual)-[:OfSpecies]->(s:Species)
RETURN s.name AS species, d.evidence AS evidence, d.name AS dataset, p.pre AS pre, p.post AS post,
       p.found AS found, p.tested AS tested, p.probability AS probability, p.synapses AS synapses_per_connection,
       p.synapsesPerCell AS synapses_per_cell, p.doi AS doi
ORDER BY species, evidence, dataset, pre, post, doi
