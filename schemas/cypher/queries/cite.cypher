// How to cite the datasets of a circuit
// in: Provenance
// Citation, DOI and licence of what a circuit is cut from, at the version that is here.
// $circuit = "mouse-microns-mm3/v1-l4" name of a circuit
MATCH (c:Circuit {name: $circuit})-[:InDataset]->(d:Dataset)
RETURN c.title AS circuit, d.name AS dataset, d.version AS version, d.citation AS citation, d.doi AS doi,
       d.licence AS licence
