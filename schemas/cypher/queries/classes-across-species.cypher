// Cell classes across species
// in: What is there
// How many neurons of each comparable cell class every species has here, with the class's identifier.
MATCH (s:Species)<-[:OfSpecies]-(:Individual)<-[:OfIndividual]-(:Dataset)<-[:InDataset]-(n:Neuron)-[:IsA]->(k:CellClass)
RETURN k.name AS cell_class, k.label AS label, k.curie AS curie, s.name AS species, count(n) AS neurons
ORDER BY cell_class, species
