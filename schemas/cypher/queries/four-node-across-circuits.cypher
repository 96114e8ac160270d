// One shape of four neurons in every circuit
// in: Circuits and species compared
// How many sets of four neurons have the shape, whatever the directions, and how they were counted.
// $shape = "cycle" star, path, cycle, paw, diamond, clique, …
MATCH (c:Circuit)-[:Measured]->(f:FourNodeMotif {shape: $shape})
RETURN c.species AS species, c.evidence AS evidence, c.name AS circuit, c.neurons AS neurons, f.method AS method,
       sum(f.count) AS count, count(CASE WHEN f.count > 0 THEN 1 END) AS classes_that_occur
ORDER BY species, evidence, circuit
