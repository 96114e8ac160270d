// Circuits by species and evidence
// in: What is there
// Every circuit in the graph with its size; circuits of different evidence are not comparable as they stand.
MATCH (c:Circuit)-[:InDataset]->(:Dataset)-[:OfIndividual]->(i:Individual)-[:OfSpecies]->(s:Species)
RETURN s.label AS species, c.evidence AS evidence, c.name AS circuit, c.title AS title, i.name AS individual,
       c.area AS area, c.layer AS layer, c.neurons AS neurons, c.connections AS connections,
       c.density AS density, c.reciprocity AS reciprocity
ORDER BY species, evidence, circuit
