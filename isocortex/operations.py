"""What keeps a graph right for years: verify, repair, backup, restore, upgrade."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.graph import RESULTS

if TYPE_CHECKING:
    from isocortex.workspace import Workspace
    from schemas.records import AnalysisRecord
    from store.backup import BackupFacts
    from store.graph import Graph
    from store.verify import Check

Progress = Callable[[str, int, int], None]


def verify(
    workspace: Workspace, *, mend: bool = False, progress: Progress | None = None
) -> tuple[list[Check], list[str]]:
    """Compare the graph with the lake; with `mend`, load again what differs.

    Returns
    -------
    checks : list of Check
        What is so at the end.
    repaired : list of str
        Datasets that were loaded again.

    Raises
    ------
    ServerError
        If the server fails.
    """
    from store.verify import repair
    from store.verify import verify as compare

    with workspace.graph(progress) as graph:
        checks = compare(graph, workspace.lake, progress, workspace.results)
        repaired = repair(graph, workspace.lake, checks, progress) if mend else []
        if repaired:
            write_results(workspace, graph, progress)
            checks = compare(graph, workspace.lake, progress, workspace.results)
    return checks, repaired


def document(checks: list[Check], repaired: list[str]) -> dict[str, Any]:
    """Public JSON document of `server verify` (`docs/cli.md`)."""
    return {
        "format": "isocortex.verify/1",
        "same": all(check.state == "same" for check in checks),
        "repaired": repaired,
        "datasets": [
            {
                "dataset": check.dataset,
                "version": check.version,
                "state": check.state,
                "neurons": check.neurons,
                "connections": check.connections,
                "problems": check.problems,
            }
            for check in checks
        ],
    }


def backup(workspace: Workspace, target: Path, progress: Progress | None = None) -> BackupFacts:
    """Write the local graph into one file."""
    from store.backup import backup as write

    with workspace.graph(progress) as graph:
        datasets = graph.projected()
    return write(workspace.local_server, target, datasets, progress)


def restore(workspace: Workspace, source: Path, progress: Progress | None = None) -> BackupFacts:
    """Replace the local graph by a backup."""
    from store.backup import restore as read

    return read(workspace.local_server, source, progress)


def upgrade(workspace: Workspace, progress: Progress | None = None) -> dict[str, Any]:
    """Bring server and graph to what this release writes; return what was done.

    Raises
    ------
    ServerError
        If the schema is newer than ours, or a dataset is not in the lake.
    """
    if not workspace.settings.neo4j_uri:
        # The child may still run the jars of an older release.
        workspace.local_server.stop()
    with workspace.graph(progress, as_it_is=True) as graph:
        before = graph.schema_version()
        loaded = graph.upgrade(workspace.lake, progress)
        if before != graph.schema_version():
            write_results(workspace, graph, progress)
        return {
            "server": graph.server_version(),
            "schema_before": before,
            "schema": graph.schema_version(),
            "loaded_anew": ", ".join(loaded) or "nothing",
        }


def write_results(
    workspace: Workspace,
    graph: Graph,
    progress: Progress | None = None,
    analyses: Collection[str] = tuple(RESULTS),
) -> None:
    """Write the newest results of the versions in the graph that it lacks.

    Parameters
    ----------
    workspace : Workspace
    graph : Graph
    progress : callable, optional
        Called with (what, done, total).
    analyses : collection of str, optional
        Results of which analyses; default all that go into the graph.

    Raises
    ------
    ServerError
        If the server fails.
    """
    from store.result_rows import said_parameters, told_apart, versions_of

    there, circuits = graph.projected_results(), graph.circuits()
    newest: dict[tuple[str, str, tuple[str, ...]], AnalysisRecord] = {}
    for record in workspace.results.find():  # newest first
        if record.analysis not in analyses:
            continue
        over = versions_of(record)
        if all(circuits.get(circuit) == version for circuit, version in over.items()):
            apart = told_apart(record.analysis, said_parameters(record))
            newest.setdefault((record.circuit, record.analysis, apart), record)
    found = [workspace.results.get(r.key) for r in newest.values() if r.key not in there]
    graph.write_results([pair for pair in found if pair is not None], progress)
