"""Statements for the read-only console: hostile ones, and harmless ones that look hostile."""

# Writes, in every form of clause.
WRITES = """
CREATE (n:Neuron {uid: 'x'})
CREATE (n:Neuron {uid: 'x'}) RETURN n
create (n:Neuron)
CrEaTe (n)
MATCH (n:Neuron) CREATE (m:Neuron {uid: n.uid + 'x'})
MATCH (n:Neuron) SET n.type = 'x'
MATCH (n:Neuron) SET n.type = 'x' RETURN n
MATCH (n:Neuron) SET n += {type: 'x'}
MATCH (n:Neuron) SET n = {}
MATCH (n:Neuron) SET n:Bad
MATCH (n:Neuron) REMOVE n.type
MATCH (n:Neuron) REMOVE n:Neuron
MATCH (n) DELETE n
MATCH (n) DETACH DELETE n
MATCH (n) NODETACH DELETE n
MATCH ()-[c:ConnectsTo]->() DELETE c
MATCH (n:Neuron) WITH n LIMIT 1 DETACH DELETE n
MATCH (n:Neuron) WITH n ORDER BY n.uid SKIP 1 LIMIT 1 SET n.type = 'x'
MERGE (n:Neuron {uid: 'x'})
MERGE (n:Neuron {uid: 'x'}) ON CREATE SET n.type = 'x'
MERGE (n:Neuron {uid: 'x'}) ON MATCH SET n.type = 'x' RETURN n
MATCH (a:Neuron), (b:Neuron) MERGE (a)-[:ConnectsTo]->(b)
MATCH (a:Neuron) MATCH (b:Neuron) CREATE (a)-[:Bad]->(b)
UNWIND [1, 2] AS x CREATE (n:Neuron {uid: toString(x)})
UNWIND range(1, 3) AS x MERGE (n:Bad {id: x})
MATCH (n:Neuron) FOREACH (x IN [1] | SET n.type = 'x')
FOREACH (x IN [1, 2] | CREATE (n:Bad {id: x}))
FOREACH (x IN [1] | FOREACH (y IN [2] | CREATE (:Bad)))
FOREACH (x IN [1] | MERGE (:Bad {id: x}))
INSERT (n:Neuron {uid: 'x'})
MATCH (n:Neuron) INSERT (n)-[:Bad]->(m:Bad)
CALL { CREATE (n:Bad) RETURN n } RETURN n
CALL { MATCH (n) DETACH DELETE n } RETURN 1
MATCH (n:Neuron) CALL (n) { SET n.type = 'x' } RETURN count(*)
MATCH (n:Neuron) CALL { WITH n SET n.type = 'x' } RETURN count(*)
MATCH (n:Neuron) CALL (n) { CALL (n) { DELETE n } } RETURN 1
CALL { WITH 1 AS x CREATE (:Bad {id: x}) } IN TRANSACTIONS
UNWIND range(1, 10) AS x CALL (x) { CREATE (:Bad {id: x}) } IN TRANSACTIONS OF 2 ROWS
UNWIND range(1, 10) AS x CALL (x) { RETURN x AS y } IN TRANSACTIONS OF 2 ROWS RETURN y
UNWIND range(1, 4) AS x CALL (x) { RETURN x AS y } IN 2 CONCURRENT TRANSACTIONS RETURN y
UNWIND [1] AS x CALL (x) { MATCH (n) DETACH DELETE n } IN TRANSACTIONS ON ERROR CONTINUE
MATCH (n) WITH n CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10 ROWS
RETURN 1 UNION CREATE (n) RETURN 1
MATCH (n) RETURN n.uid UNION ALL MATCH (n) DETACH DELETE n RETURN 1
MATCH (n) WHERE n.uid = 'x' DETACH DELETE n RETURN 'done'
OPTIONAL MATCH (n:Nothing) CREATE (m:Bad) RETURN m
MATCH (n:Neuron) WITH collect(n) AS all UNWIND all AS n SET n.weight = 1
MATCH p = (a)-[*1..2]->(b) FOREACH (x IN nodes(p) | SET x.mark = true)
WITH 1 AS x CREATE (n {v: x}) WITH n RETURN n
MATCH (n:Neuron) RETURN n; MATCH (n) DETACH DELETE n
RETURN 1; CREATE (n)
RETURN 1;CREATE (n);
""".strip().splitlines()

# Schema and administration.
ADMINISTRATION = """
CREATE INDEX bad FOR (n:Neuron) ON (n.weight)
CREATE INDEX bad IF NOT EXISTS FOR (n:Neuron) ON (n.weight)
CREATE CONSTRAINT bad FOR (n:Neuron) REQUIRE n.type IS UNIQUE
CREATE FULLTEXT INDEX bad FOR (n:Neuron) ON EACH [n.type]
CREATE LOOKUP INDEX bad FOR (n) ON EACH labels(n)
CREATE TEXT INDEX bad FOR (n:Neuron) ON (n.type)
CREATE POINT INDEX bad FOR (n:Neuron) ON (n.soma)
CREATE VECTOR INDEX bad FOR (n:Neuron) ON (n.v)
DROP INDEX neuron_type
DROP CONSTRAINT neuron_uid
DROP CONSTRAINT neuron_uid IF EXISTS
CREATE USER bad SET PASSWORD 'badbadbad'
CREATE OR REPLACE USER bad SET PASSWORD 'badbadbad'
ALTER USER neo4j SET PASSWORD 'badbadbad'
ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'badbadbad'
DROP USER neo4j
RENAME USER neo4j TO bad
GRANT ROLE admin TO neo4j
REVOKE ROLE admin FROM neo4j
DENY READ {*} ON GRAPH * TO PUBLIC
CREATE ROLE bad
CREATE DATABASE bad
CREATE OR REPLACE DATABASE neo4j
DROP DATABASE neo4j
STOP DATABASE neo4j
START DATABASE neo4j
ALTER DATABASE neo4j SET ACCESS READ ONLY
CREATE ALIAS bad FOR DATABASE neo4j
ENABLE SERVER 'x'
DEALLOCATE DATABASES FROM SERVER 'x'
""".strip().splitlines()

# What READ access mode lets pass: files, addresses, other databases, the server itself.
REACHING = """
LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row
LOAD CSV WITH HEADERS FROM 'file:///etc/passwd' AS row RETURN row
load csv from 'file:///etc/passwd' as row return row
LOAD   CSV FROM 'http://127.0.0.1/' AS row RETURN row
LOAD/* */CSV FROM 'file:///etc/passwd' AS row RETURN row
LOAD// x
UNWIND [1] AS x LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row
MATCH (n) LOAD CSV FROM 'file:///' + n.uid AS row RETURN row
WITH 'file:///etc/passwd' AS f LOAD CSV FROM f AS row RETURN row
CALL { LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row } RETURN row
CALL (*) { LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row } RETURN row
RETURN COLLECT { LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row[0] } AS rows
RETURN COUNT { LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row } AS rows
RETURN EXISTS { LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row } AS rows
RETURN 1 AS x UNION LOAD CSV FROM 'file:///etc/passwd' AS x RETURN x
RETURN * LOAD CSV FROM 'file:///etc/passwd' AS x RETURN x
WITH * LOAD CSV FROM 'file:///etc/passwd' AS x RETURN x
WITH 1 AS as LOAD CSV FROM 'file:///etc/passwd' AS x RETURN x
WITH 1 AS return LOAD CSV FROM 'file:///etc/passwd' AS x RETURN x
WITH [1] AS x WITH x[0] AS y LOAD CSV FROM 'file:///etc/passwd' AS z RETURN z
WITH {a: 1} AS m LOAD CSV FROM 'file:///etc/passwd' AS z RETURN z
WITH 'x' AS s LOAD CSV FROM 'ftp://127.0.0.1/x' AS z RETURN z
SHOW DATABASES
SHOW DATABASE neo4j
SHOW USERS
SHOW CURRENT USER
SHOW PRIVILEGES
SHOW ROLES
SHOW TRANSACTIONS
SHOW TRANSACTIONS YIELD * RETURN *
SHOW SETTINGS
SHOW SETTINGS YIELD name, value WHERE name CONTAINS 'dir' RETURN name, value
SHOW PROCEDURES
SHOW FUNCTIONS
SHOW INDEXES
SHOW CONSTRAINTS
SHOW ALL INDEXES
SHOW SERVERS
SHOW ALIASES FOR DATABASE
SHOW SUPPORTED PRIVILEGES
show/**/databases
TERMINATE TRANSACTION 'neo4j-transaction-1'
TERMINATE TRANSACTIONS 'neo4j-transaction-1', 'neo4j-transaction-2'
SHOW TRANSACTIONS YIELD transactionId AS t TERMINATE TRANSACTIONS t YIELD message RETURN message
USE system SHOW USERS
USE system MATCH (n) RETURN n
USE neo4j MATCH (n) RETURN n
USE graph.byName('system') MATCH (n) RETURN n
CALL { USE system MATCH (n) RETURN n } RETURN n
CALL () { USE system MATCH (n) RETURN n } RETURN n
CALL dbms.listConfig()
CALL dbms.listConfig() YIELD name, value RETURN name, value
CALL dbms.queryJmx('*:*')
CALL dbms.security.createUser('bad', 'badbadbad', false)
CALL dbms.killQuery('1')
CALL dbms.killConnections(['1'])
CALL dbms.listConnections()
CALL dbms.showCurrentUser()
CALL dbms.setConfigValue('a', 'b')
CALL db.clearQueryCaches()
CALL db.createLabel('Bad')
CALL db.createProperty('bad')
CALL db.createRelationshipType('Bad')
CALL db.awaitIndexes(1)
CALL db.resampleIndex('neuron_type')
CALL db.prepareForReplanning(1)
CALL db.checkpoint()
CALL db.ping()
CALL db.index.fulltext.queryNodes('x', 'y')
CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()
CALL apoc.load.json('file:///etc/passwd')
CALL apoc.export.csv.all('/tmp/bad', {})
CALL apoc.cypher.doIt('CREATE (n)', {})
CALL apoc.util.sleep(1000000)
CALL db.labels() YIELD label CALL dbms.queryJmx('*:*') YIELD name RETURN name
MATCH (n) CALL dbms.queryJmx('*:*') YIELD name RETURN name
MATCH (n) OPTIONAL CALL dbms.queryJmx('*:*') YIELD name RETURN name
CALL `dbms`.`queryJmx`('*:*')
CALL `dbms`.queryJmx('*:*') YIELD name RETURN name
CALL dbms . queryJmx ('*:*')
CALL/**/dbms/**/./**/queryJmx('*:*')
call dbms.queryJmx('*:*') yield name return name
CALL DBMS.QUERYJMX('*:*')
CALL `db.labels`.queryJmx('*:*')
CALL dbms.components() YIELD name CALL db.ping() YIELD success RETURN success
RETURN apoc.load.json('http://127.0.0.1')
RETURN apoc.cypher.runFirstColumnSingle('MATCH (n) RETURN n', {})
RETURN genai.vector.encode('text', 'OpenAI', {token: 'x'})
MATCH (n) WHERE apoc.util.validatePredicate(true, 'x', []) RETURN n
RETURN `apoc`.`cypher`.`runFirstColumn`('x', {})
RETURN graph.propertiesByName('system')
""".strip().splitlines()

# No Cypher at all once the strings are read right: the server says so.
NONSENSE = [
    "RETURN 'a\\' CREATE (n:Bad) RETURN 'b",
    'RETURN "a\\" CREATE (n:Bad) RETURN "b',
    "RETURN 1 AS x y",
    "MATCH (n) RETURN n n",
    "RETURN nothing",
    "MATCH n RETURN n",
]

# The same behind escapes, comments and odd characters.
DISGUISED = [
    "\\u0043REATE (n:Bad)",
    "\\u004c\\u004f\\u0041\\u0044 CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "MATCH (n) \\u0053ET n.type = 'x'",
    "CALL dbms.query\\u004amx('*:*')",
    "RETURN 'a\\u0027 CREATE (n:Bad) //'",
    "RETURN 'a\\u005c\\u0027 AS x CREATE (n:Bad) //'",
    'RETURN "a\\u0022 AS x CREATE (n:Bad) //"',
    "RETURN 1 AS `a\\u0060 CREATE (n:Bad) //`",
    "RETURN 1 // \\u000a CREATE (n:Bad)",
    "RETURN 1 // \\u000d CREATE (n:Bad)",
    "RETURN 1 /* \\u002a\\u002f CREATE (n:Bad) /* */",
    "RETURN 1 \\u002f\\u002f x",
    "RETURN 1 /\\u002a x",
    "RETURN '\\u00'",
    "RETURN '\\uuuu0041'",
    "RETURN '\\U00000027 CREATE (n:Bad) //'",
    "RETURN 'x\\\\u0027 CREATE (n:Bad) //'",
    "/* x */ CREATE (n:Bad)",
    "// x\nCREATE (n:Bad)",
    "// x\rCREATE (n:Bad)",
    "RETURN 1 // x\nUNION CREATE (n:Bad) RETURN 1",
    "RETURN 1 /* x",
    "RETURN 'x",
    'RETURN "x',
    "RETURN `x",
    "RETURN 'it''s' CREATE (n:Bad) RETURN ''",
    "RETURN 'a\\\\' AS x CREATE (n:Bad) RETURN 'b'",
    "RETURN `a``` AS x CREATE (n:Bad) RETURN 1",
    "LO\u200bAD CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "LOAD\u200bCSV FROM 'file:///etc/passwd' AS r RETURN r",
    "LOAD\u00a0CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "LOAD\u2003CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "LOAD\x1fCSV FROM 'file:///etc/passwd' AS r RETURN r",
    "LOAD\x00CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "\ufeffCREATE (n:Bad)",
    "\u202eCREATE (n:Bad)",
    "\u017fHOW DATABASES",  # long s is S in upper case
    "U\u017fE system MATCH (n) RETURN n",
    "TERM\u0131NATE TRANSACTION 'x'",  # dotless i is I in upper case
    "\uff23\uff32\uff25\uff21\uff34\uff25 (n:Bad)",  # full width
    "C\u0421REATE (n)",  # a Cyrillic letter
    "EXPLAIN CREATE (n:Bad)",
    "PROFILE CREATE (n:Bad)",
    "EXPLAIN MATCH (n) DETACH DELETE n",
    "PROFILE MATCH (n) SET n.type = 'x' RETURN n",
    "EXPLAIN CREATE INDEX bad FOR (n:Neuron) ON (n.weight)",
    "PROFILE MERGE (n:Bad)",
    "EXPLAIN LOAD CSV FROM 'file:///etc/passwd' AS r RETURN r",
    "PROFILE CALL dbms.queryJmx('*:*')",
    "EXPLAIN SHOW DATABASES",
    "EXPLAIN EXPLAIN CREATE (n)",
    "CYPHER 5 CREATE (n:Bad)",
    "CYPHER 25 CREATE (n:Bad)",
    "CYPHER planner=cost MATCH (n) SET n.x = 1",
    "CYPHER runtime=parallel MATCH (n) RETURN n",
    "CYPHER 5 runtime=slotted MATCH (n) RETURN n",
    "CYPHER debug=toString RETURN 1",
    "CYPHER 5 EXPLAIN CREATE (n)",
    "EXPLAIN CYPHER 5 CREATE (n)",
    ":auto MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS",
    ":param x => 1",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "",
    "   \n\t ",
    "// nothing",
    ";",
    "(" * 300 + "1" + ")" * 300,
    "RETURN " + "[" * 300 + "]" * 300,
    "RETURN 1)",
    "RETURN (1",
    "RETURN [1)",
    "RETURN '" + "x" * 100_001 + "'",
    "RETURN 1 SHOW DATABASES",
    "RETURN 1USE system",
    "RETURN 1.CALL dbms.queryJmx('*:*')",
    "MATCH (n) RETURN n.by USE system",
    "MATCH (n) RETURN n AS by SHOW DATABASES",
    "RETURN not SHOW DATABASES",
    "RETURN count(*) SHOW DATABASES",
    "RETURN {a: 1} SHOW DATABASES",
    "RETURN $x USE system",
    "RETURN 'x' USE system",
    "RETURN `x` USE system",
]

# Work that the server could not be stopped at.
ENDLESS = """
RETURN range(1, 1000000000)
RETURN range(-1000000000, 0) AS l
RETURN RANGE (1, 1000000000, 2)
RETURN reduce(x = 0, i IN range(1, 100000000000) | x + i)
RETURN [x IN range(1, 1000000000) | toString(x) + 'xxxxxxxxxxxxxxxxxxxxxxxxx']
RETURN any(x IN range(1, 1000000000000) WHERE x < 0)
RETURN size([x IN range(1, 10000000000) WHERE x % 2 = 0])
WITH range(1, 20000000) AS l RETURN [x IN l | [x, l[x], toString(x)]]
RETURN range(1, $many)
""".strip().splitlines()

# Too much work, too much memory, too much to send.
BOMBS = """
UNWIND range(1, 1000000000000) AS x RETURN count(*)
UNWIND range(1, 1000000) AS x UNWIND range(1, 1000000) AS y RETURN count(*)
UNWIND range(1, 1000000000) AS x RETURN collect(x)
UNWIND range(1, 1000000000) AS x WITH x ORDER BY -x RETURN x LIMIT 1000000000
UNWIND range(1, 1000000000) AS x RETURN DISTINCT x ORDER BY x
UNWIND range(1, 1000000000) AS x WITH x, count(*) AS c RETURN max(c)
RETURN size(reduce(s = 'x', i IN range(1, 40) | s + s))
RETURN reduce(s = 'x', i IN range(1, 29) | s + s) AS a
RETURN reduce(l = [1], i IN range(1, 60) | l + l)
MATCH (a), (b), (c), (d), (e), (f) WHERE a.bodyId + b.bodyId < c.bodyId RETURN count(*)
MATCH (a)-[*]->(b) RETURN count(*)
MATCH (a)-[*1..30]-(b) RETURN count(*)
MATCH p = (a)-[:ConnectsTo*1..20]->(b) RETURN collect(p)
MATCH p = ALL SHORTEST (a)-[:ConnectsTo]-+(b) MATCH (x), (y), (z), (w) RETURN count(*)
UNWIND range(1, 100000000) AS x RETURN split(reduce(s = 'ab', i IN range(1, 12) | s + ',' + s), ',')
RETURN replace(reduce(s = 'x', i IN range(1, 25) | s + s), 'x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')
UNWIND range(1, 3000000) AS x RETURN collect(x) AS l
UNWIND range(1, 1000000000) AS x RETURN x, 'xxxxxxxxxxxxxxxx' AS y ORDER BY y, x DESC
""".strip().splitlines()

REFUSED = [*WRITES, *ADMINISTRATION, *REACHING, *DISGUISED, *ENDLESS]
HOSTILE = [*REFUSED, *NONSENSE, *BOMBS]

# Statements that read, with the words of the refusals as names, in strings and in comments.
HARMLESS = [
    "RETURN 'CREATE (n)' AS x",
    'RETURN "MATCH (n) DETACH DELETE n" AS x',
    "RETURN 'LOAD CSV FROM \"file:///etc/passwd\" AS r' AS x",
    "RETURN 'it\\'s; DROP INDEX x' AS x",
    'RETURN "say \\"SET\\" twice" AS x',
    "RETURN 'CALL dbms.listConfig()' AS x",
    "RETURN '// no comment' AS x",
    "RETURN '/* no comment' AS x",
    "RETURN '`' AS x",
    "RETURN 'caf\\u00e9' AS x",
    "RETURN '\\u0043REATE' AS x",
    "RETURN 'a\\\\b' AS x",
    "RETURN 'USE system' + ' SHOW USERS' AS x",
    "// CREATE (n)\nRETURN 1 AS x",
    "RETURN 1 AS x // CREATE (n)",
    "RETURN 1 AS x // it's not a string",
    "/* MATCH (n) DETACH DELETE n */ RETURN 1 AS x",
    "/* LOAD CSV\n over lines */ RETURN 1 AS x",
    "RETURN /* ' */ 1 AS x",
    "RETURN 1 AS x /* ` */",
    "RETURN 1 AS create",
    "RETURN 1 AS set",
    "RETURN 1 AS `CALL`",
    "RETURN 1 AS `LOAD CSV`",
    "RETURN 1 AS `a``b SHOW`",
    "RETURN 1 AS load",
    "RETURN 1 AS use",
    "WITH 1 AS show RETURN show",
    "WITH 1 AS show RETURN show AS x ORDER BY show",
    "WITH 1 AS load RETURN load + 1 AS x",
    "WITH 1 AS use WITH use WHERE use = 1 RETURN use",
    "WITH [1, 2] AS set UNWIND set AS x RETURN x",
    "WITH 2 AS delete RETURN 3 * delete AS x",
    "WITH 2 AS merge RETURN (merge) AS x",
    "WITH {set: 1, delete: 2, load: 3} AS m RETURN m.set, m.delete, m.load",
    "RETURN {create: 1, call: 2, show: 3, use: 4} AS m",
    "WITH {use: 1} AS m RETURN m['use'] AS x",
    "MATCH (create:Neuron) RETURN create.uid ORDER BY create.uid LIMIT 1",
    "MATCH (n:Neuron) RETURN n.set, n.delete, n.call LIMIT 1",
    "MATCH (n:Neuron) WHERE n.use IS NULL RETURN count(n) AS x",
    "MATCH (n:Neuron) RETURN n {.uid, .show, use: 1} AS m LIMIT 1",
    "MATCH (n:Neuron) RETURN n {.*, call: 'x'} AS m LIMIT 1",
    "MATCH (n:Create) RETURN n",
    "MATCH (n:Set|Delete|Load) RETURN n",
    "MATCH (n:!Show) RETURN count(n) AS x",
    "MATCH ()-[c:CALL]->() RETURN c",
    "MATCH ()-[c:CREATE|MERGE]->() RETURN c",
    "MATCH (n {create: 1}) RETURN n",
    "MATCH (n:Neuron) WHERE n.type = 'CREATE' RETURN n",
    "MATCH (n:Neuron) WHERE n.type IN ['SET', 'DELETE'] RETURN n",
    "MATCH (n:Neuron) WHERE n.type STARTS WITH 'LOAD' RETURN n",
    "MATCH (n:Neuron) WHERE n.type CONTAINS 'USE' RETURN n",
    "MATCH (n:Neuron) WHERE n.type =~ '.*CALL.*' RETURN n",
    "MATCH (n:Neuron) RETURN n.uid AS set ORDER BY set DESC LIMIT 1",
    "UNWIND ['CREATE', 'SET'] AS word RETURN word",
    "RETURN [show IN [1, 2] WHERE show > 1 | show * 2] AS x",
    "RETURN any(use IN [1, 2] WHERE use = 2) AS x",
    "RETURN reduce(load = 0, set IN [1, 2] | load + set) AS x",
    "RETURN CASE WHEN true THEN 'CREATE' ELSE 'DROP' END AS x",
    "WITH 1 AS show RETURN CASE WHEN show = 1 THEN show ELSE 0 END AS x",
    "CALL db.labels() YIELD label RETURN label ORDER BY label",
    "CALL db.labels()",
    "CALL db.relationshipTypes() YIELD relationshipType AS t RETURN t",
    "CALL db.propertyKeys()",
    "CALL `db`.`labels`() YIELD label RETURN label",
    "CALL dbms.components() YIELD name, versions RETURN name, versions",
    "CALL { MATCH (n:Neuron) RETURN count(n) AS c } RETURN c",
    "MATCH (n:Neuron) CALL (n) { MATCH (n)-->(m) RETURN count(m) AS c } RETURN sum(c) AS x",
    "MATCH (n:Neuron) CALL { WITH n RETURN n.uid AS u } RETURN u ORDER BY u LIMIT 1",
    "OPTIONAL CALL db.labels() YIELD label RETURN count(label) AS x",
    "RETURN EXISTS { MATCH (:Neuron)-[:ConnectsTo]->(:Neuron) } AS x",
    "RETURN COUNT { MATCH (n:Neuron) } AS x",
    "RETURN COLLECT { MATCH (n:Neuron) RETURN n.uid ORDER BY n.uid LIMIT 2 } AS x",
    "RETURN date('2026-01-01') AS d, date.truncate('year', date('2026-05-01')) AS y",
    "RETURN duration.between(date('2026-01-01'), date('2026-01-02')) AS d",
    "RETURN point.distance(point({x: 0, y: 0}), point({x: 3, y: 4})) AS d",
    "RETURN datetime.fromepoch(0, 0) AS t",
    "EXPLAIN MATCH (n:Neuron) RETURN n",
    "PROFILE MATCH (n:Neuron) RETURN n.uid",
    "CYPHER 5 MATCH (n:Neuron) RETURN count(n) AS x",
    "RETURN 1 AS x UNION ALL RETURN 2 AS x",
    "RETURN 1 AS x;",
    "\n\t RETURN 1 AS x \n;\n",
    "MATCH (n:Neuron) WITH * RETURN count(*) AS x",
    "RETURN $create AS x",
    "RETURN $set + $use AS x",
    "MATCH show = (:Neuron)-[:ConnectsTo]->(:Neuron) RETURN length(show) AS x LIMIT 1",
    "RETURN 7 % 4 * 2 ^ 2 - 1 AS x",
    "UNWIND range(1, 20000000) AS x RETURN x LIMIT 1",
    "RETURN size(range(1, 1000000)) AS x",
    "RETURN [1, 2, 3][1..2] AS x, 1e3 AS y, 0x1F AS z, .5 AS w",
    "RETURN 'ÄÖ 神経 🧠 CREATE' AS `naïve`",
]
VALUES = {"create": 1, "set": 2, "use": 3, "many": 1_000_000_000}
