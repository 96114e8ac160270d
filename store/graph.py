"""The graph through the official driver: connection, schema, what is projected.

Everything that writes uses managed transactions (`execute_write`) with idempotent functions, so
that the driver's retries do no harm.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from neo4j import Driver, GraphDatabase, ManagedTransaction
from neo4j.exceptions import AuthError, ClientError, DriverError, Neo4jError

from schemas.errors import ServerError
from schemas.graph import LABELS, LOADED_SINCE, RETIRED, SCHEMA_VERSION, STAGED, cypher
from store import bulk, projection, result_graph
from store.installation import remedy_for
from store.lease import Lease, held

if TYPE_CHECKING:
    import pandas as pd

    from schemas.records import AnalysisRecord
    from store.lake import Lake
    from store.local import LocalServer

Progress = Callable[[str, int, int], None]
OLDEST = (5, 26)
# The driver logs what it also raises; without a handler of the caller's that is printed twice.
logging.getLogger("neo4j").addHandler(logging.NullHandler())
_ADDRESS = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://.")
_SCHEMA = (
    "OPTIONAL MATCH (v:SchemaVersion {id: 1}) RETURN v.version AS version, v.ready AS ready, "
    f"EXISTS {{ MATCH (n:{STAGED}) }} OR EXISTS {{ MATCH (n:{RETIRED}) }} AS leftovers"
)


class Graph:
    """The graph on one server.

    Use `Graph.connect`. The local server, if there is one, is what makes bulk import possible.
    """

    def __init__(self, driver: Driver, database: str, local: LocalServer | None) -> None:
        self.driver = driver
        self.database = database
        self.local = local

    @classmethod
    def connect(
        cls, uri: str, user: str, password: str, database: str, local: LocalServer | None = None
    ) -> Graph:
        """Connect to a server and check that it can be used.

        Raises
        ------
        ServerError
            If it cannot be reached, refuses the password, or is older than Neo4j 5.26.
        """
        graph = cls(_driver(uri, user, password), database, local)
        try:
            graph.driver.verify_connectivity()
            version = graph.server_version()
        except AuthError:
            graph.close()
            raise ServerError(
                f"{uri} refuses user {user!r} with the given password",
                remedy="set NEO4J_USER and NEO4J_PASSWORD",
            ) from None
        except (DriverError, Neo4jError, OSError) as failure:
            graph.close()
            raise ServerError(
                f"no Neo4j answers at {uri}: {failure}",
                remedy="start it, correct NEO4J_URI, or unset NEO4J_URI to use the local server",
            ) from None
        if _release(version) < OLDEST:
            graph.close()
            raise ServerError(
                f"{uri} runs {version}; isocortex needs Neo4j 5.26 or newer",
                remedy="upgrade it, or unset NEO4J_URI to use the local server",
            )
        return graph

    def close(self) -> None:
        """Close the connection."""
        self.driver.close()

    def server_version(self) -> str:
        """Version of the server, as it calls itself."""
        return str(self.driver.get_server_info().agent).removeprefix("Neo4j/")

    def prepare(self) -> None:
        """Make the graph usable: check whose data it is, add constraints, clear killed loads.

        Raises
        ------
        ServerError
            If the database holds somebody else's neurons, or a newer or older schema.
        """
        (found,) = self.read(_SCHEMA)
        if found["version"] is None:
            self._refuse_foreign()
        elif found["version"] > SCHEMA_VERSION:
            raise ServerError(
                f"the database has schema version {found['version']}, this isocortex knows "
                f"{SCHEMA_VERSION}",
                remedy="use the newer isocortex, or another database (NEO4J_DATABASE)",
            )
        elif found["version"] < SCHEMA_VERSION:
            raise ServerError(
                f"the database has schema version {found['version']}, this isocortex writes "
                f"{SCHEMA_VERSION}",
                remedy="`isocortex server upgrade` brings it to this one from the lake",
            )
        if not found["ready"]:
            self._make_schema()
        if found["leftovers"]:
            self._clear()

    def schema_version(self) -> int | None:
        """Version of the schema of this database; None if isocortex never wrote here."""
        (found,) = self.read(_SCHEMA)
        return None if found["version"] is None else int(found["version"])

    def upgrade(self, lake: Lake, progress: Progress | None = None) -> list[str]:
        """Bring a graph of an older schema to ours.

        Datasets of a schema before `LOADED_SINCE` are loaded anew from the lake, each switched in
        one transaction; of a later one only their results are removed. The version is written
        last, so that an upgrade that was interrupted is begun again. Results have to be written
        again.

        Returns
        -------
        list of str
            The datasets that were loaded; none where they are as ours already.

        Raises
        ------
        ServerError
            If the graph holds a dataset that the lake lacks, or a newer schema.
        """
        version = self.schema_version()
        if version is None or version >= SCHEMA_VERSION:
            self.prepare()
            return []
        names = sorted(self.projected())
        lost = [name for name in names if lake.latest(name) is None]
        if lost:
            raise ServerError(
                f"{', '.join(lost)} cannot be written anew: the lake does not hold them",
                remedy="ingest them again, or upgrade where the lake is; nothing was changed",
            )
        kept = version >= LOADED_SINCE
        self._make_constraints()
        with held(self, progress) as lease:
            for number, name in enumerate(names):
                if progress is not None:
                    progress(f"upgrade {name}", number, len(names))
                if kept:
                    projection.remove_results(self, lease, name)
                else:
                    projection.load(self, lease, lake, name, progress)
        self._make_schema()
        return [] if kept else names

    def _make_schema(self) -> None:
        self._make_constraints()
        self.write(
            "MERGE (v:SchemaVersion {id: 1}) SET v.version = $v, v.ready = true", v=SCHEMA_VERSION
        )

    def _make_constraints(self) -> None:
        for statement in cypher("constraints").split(";"):
            if statement.strip():
                self.run(statement)
        self.run("CALL db.awaitIndexes(300)")

    def _clear(self) -> None:
        """Delete what killed loads left, unless a load is under way."""
        lease = Lease(self)
        if lease.take():
            projection.clear(self)
            lease.release()

    def projected(self) -> dict[str, str]:
        """Return the datasets in the graph with their versions."""
        rows = self.read("MATCH (d:Dataset) RETURN d.name AS name, d.version AS version")
        return {row["name"]: row["version"] for row in rows}

    def project(
        self, lake: Lake, datasets: Sequence[str], progress: Progress | None = None
    ) -> None:
        """Bring the current versions of `datasets` from the lake into the graph.

        The first projection of a local server is an offline bulk import of the lake; increments,
        and all loads of other servers, are grouped Bolt batches that become visible in one
        transaction. A version that is there already is not loaded again.

        Raises
        ------
        ServerError
            If the load fails; the graph shows what it showed before.
        """
        self._refresh(lake, datasets)
        if not self._missing(lake, datasets):
            return
        with held(self, progress) as lease:
            wanted = self._missing(lake, datasets)  # another process may have loaded meanwhile
            if self.local is not None and self._is_empty():
                self._import(self.local, lake, wanted, progress)
                return
            for number, name in enumerate(wanted):
                if progress is not None:
                    progress(f"project {name}", number, len(wanted))
                projection.load(self, lease, lake, name, progress)

    def remove(self, dataset: str, progress: Progress | None = None) -> None:
        """Take a dataset, its circuits and their results out of the graph."""
        with held(self, progress) as lease:
            projection.remove(self, lease, dataset)

    def _missing(self, lake: Lake, datasets: Sequence[str]) -> list[str]:
        there = self.projected()
        return [name for name in datasets if there.get(name) != lake.latest(name)]

    def _refresh(self, lake: Lake, datasets: Sequence[str]) -> None:
        """Bring retyped titles and licences into the graph; the versions stay."""
        rows = self.read("MATCH (d:Dataset) RETURN d.name AS name, d.version AS v, d.manifest AS m")
        for row in rows:
            name = row["name"]
            if name not in datasets or lake.latest(name) != row["v"]:
                continue
            if lake.provenance(name).manifest_sha256 != row["m"]:
                projection.describe(self, lake, name)

    def _import(
        self,
        local: LocalServer,
        lake: Lake,
        datasets: Sequence[str],
        progress: Progress | None,
    ) -> None:
        bulk.import_lake(local, lake, datasets, progress)
        self._reconnect()
        self.prepare()

    def write_results(
        self,
        results: Iterable[tuple[AnalysisRecord, pd.DataFrame]],
        progress: Progress | None = None,
    ) -> None:
        """Write effect tables; those of an earlier computation of a circuit are replaced."""
        given = list(results)
        if given:
            result_graph.take_away_unfinished(self)
        for number, (record, frame) in enumerate(given, start=1):
            result_graph.write(self, record, frame)
            if progress is not None:
                progress("write results", number, len(given))

    def projected_results(self) -> set[str]:
        """Keys of the results in the graph."""
        return {row["key"] for row in self.read("MATCH (a:Analysis) RETURN a.key AS key")}

    def circuits(self) -> dict[str, str]:
        """Return the circuits in the graph with the versions of their datasets."""
        rows = self.read(
            "MATCH (c:Circuit)-[:InDataset]->(d:Dataset) RETURN c.name AS name, d.version AS v"
        )
        return {row["name"]: row["v"] for row in rows}

    def circuit_connections(self, circuit: str) -> pd.DataFrame:
        """Export the connections of a circuit: columns pre, post (bodyId), weight."""
        return projection.export_connections(self, circuit)

    def read(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement of ours that reads."""

        def work(transaction: ManagedTransaction) -> list[dict[str, Any]]:
            return transaction.run(statement, parameters).data()

        with _speaking(), self.driver.session(database=self.database) as session:
            return session.execute_read(work)

    def write(self, statement: str, **parameters: Any) -> None:
        """Run an idempotent statement of ours that writes."""
        self.write_all([(statement, parameters)])

    def write_all(self, statements: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Run idempotent statements in one transaction."""

        def work(transaction: ManagedTransaction) -> None:
            for statement, parameters in statements:
                transaction.run(statement, parameters).consume()

        self.transact(work)

    def transact(self, work: Callable[[ManagedTransaction], None]) -> None:
        """Do idempotent work in one transaction that writes."""
        with _speaking(), self.driver.session(database=self.database) as session:
            session.execute_write(work)

    def run(self, statement: str) -> None:
        """Run a statement that opens its own transactions (schema, IN TRANSACTIONS)."""
        with _speaking(), self.driver.session(database=self.database) as session:
            session.run(statement).consume()

    def _is_empty(self) -> bool:
        rows = self.read("MATCH (n) WHERE NOT n:SchemaVersion AND NOT n:Loading RETURN n LIMIT 1")
        return not rows

    def _refuse_foreign(self) -> None:
        for label in LABELS:
            (found,) = self.read(f"MATCH (n:{label.name}) RETURN count(n) AS count")
            if found["count"]:
                raise ServerError(
                    f"database {self.database!r} holds {found['count']:,} {label.name} nodes "
                    "that isocortex did not write",
                    remedy="use an empty database (NEO4J_DATABASE), or unset NEO4J_URI for the "
                    "local server; nothing was changed",
                )

    def _reconnect(self) -> None:
        """Connect anew: the local server may have restarted, on another port."""
        assert self.local is not None
        self.driver.close()
        given = self.local.credentials()
        self.driver = _driver(given.uri, given.user, given.password)


def _release(version: str) -> tuple[int, ...]:
    """First two numbers of a Neo4j version; nothing else is one."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn failures of the driver and the server into ours."""
    try:
        yield
    except ClientError as refused:
        remedy = None
        if "DatabaseNotFound" in (refused.code or ""):
            remedy = "set NEO4J_DATABASE to an existing one"
        elif "Forbidden" in (refused.code or ""):
            remedy = "use an account that may write, or only query"
        raise ServerError(
            f"the graph server refused: {refused.message}", remedy=remedy
        ) from refused
    except (DriverError, Neo4jError, OSError) as failure:
        raise ServerError(
            f"the graph server failed or went away: {failure}",
            remedy=remedy_for(str(failure))
            or "run the command again: it goes on from what is complete",
        ) from failure


def _driver(uri: str, user: str, password: str) -> Driver:
    try:
        if _ADDRESS.match(uri) is None:
            raise ValueError("it does not begin with bolt:// or neo4j://")
        return GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_acquisition_timeout=60.0,
            connection_timeout=15.0,
            max_transaction_retry_time=30.0,
            notifications_min_severity="OFF",
        )
    except (DriverError, ValueError) as failure:
        raise ServerError(
            f"{uri!r} is not an address of a Neo4j: {failure}",
            remedy="NEO4J_URI looks like bolt://host:7687 or neo4j+s://host",
        ) from None
