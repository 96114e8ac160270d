// Where the numbers come from
// in: Provenance
// Datasets with version, evidence, licence and citation, and the computations that used them.
MATCH (d:Dataset)-[:OfIndividual]->(i:Individual)-[:OfSpecies]->(s:Species)
OPTIONAL MATCH (a:Analysis)-[used:Used]->(d)
RETURN d.name AS dataset, d.version AS version, s.label AS species, i.name AS individual, d.evidence AS evidence,
       d.completeness AS completeness, d.licence AS licence, d.doi AS doi, count(a) AS results,
       collect(DISTINCT a.codeVersion) AS code_versions
ORDER BY dataset
