"""Look for a motif: read what was asked, choose the way, say how it was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

import pandas as pd

from schemas.errors import UsageError
from schemas.patterns import Pattern, PatternError, read

if TYPE_CHECKING:
    from analysis.circuit import Circuit
    from isocortex.workspace import Workspace
    from store.motifs import Statement

Progress = Callable[[str, int, int], None]
Way = Literal["auto", "census", "matcher", "graph"]
SUFFIXES = (".motif", ".dm")
LIMIT = 1_000
TIMEOUT = 30.0
_DATASET = "MATCH (:Circuit {name: $circuit})-[:InDataset]->(d:Dataset) RETURN d.version AS version"


@dataclass(frozen=True)
class Question:
    """A pattern asked of a circuit.

    Attributes
    ----------
    text : str
        As it was written.
    pattern : Pattern
        Absences written out, attributes resolved for this circuit.
    circuit : Circuit
    once : bool
        Whether placements that a symmetry of the pattern exchanges are one.
    in_lake : bool
        Whether the circuit is one of the lake as it is, so that the graph may have it.
    """

    text: str
    pattern: Pattern
    circuit: Circuit
    once: bool
    in_lake: bool

    @property
    def counted(self) -> str:
        """What one of them is: `subgraphs` or `placements`."""
        return "subgraphs" if self.once else "placements"


@dataclass(frozen=True)
class Instances:
    """Where a pattern lies.

    Attributes
    ----------
    table : DataFrame
        One column a name of the pattern, one row an instance: neuron ids, sorted.
    complete : bool
        Whether there are no others.
    path : str
        `graph` or `matcher`.
    """

    table: pd.DataFrame
    complete: bool
    path: str


@dataclass(frozen=True)
class MotifCount:
    """How often a pattern is in a circuit.

    Attributes
    ----------
    count : int
    induced : bool
        Whether pairs that the pattern does not connect had to be unconnected.
    counted : {"subgraphs", "placements"}
        Whether placements that a symmetry of the pattern exchanges were counted once or each.
    symmetries : int
        Placements of one subgraph.
    path : {"census", "matcher", "graph"}
        How it was counted.
    """

    count: int
    induced: bool
    counted: str
    symmetries: int
    path: str

    def __int__(self) -> int:
        return self.count


def written(source: str, stdin: TextIO | None = None) -> str:
    """Return the text of a pattern: of a file `*.motif` or `*.dm`, of `-`, or as it is given.

    Raises
    ------
    UsageError
        If there is no such file, or it is no text.
    """
    if source == "-" and stdin is not None:
        return stdin.read()
    if not source.lower().endswith(SUFFIXES) or "\n" in source:
        return source
    path = Path(source).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise UsageError(f"{source} cannot be read: {failure}") from failure


def question(
    text: str,
    circuit: Circuit,
    *,
    induced: bool | None = None,
    once: bool = True,
    in_lake: bool = False,
) -> Question:
    """Read a pattern and fit it to a circuit.

    Parameters
    ----------
    text : str
        DotMotif's language, a MAN code, or `4:code` of four neurons.
    circuit : Circuit
    induced : bool, optional
        Whether pairs that are not connected in the pattern have to be unconnected. Default: only
        for motifs that were asked for by their code, which always are.
    once, in_lake : bool, optional
        As in `Question`.

    Raises
    ------
    PatternError
        If the pattern cannot be read or meant, or asks for what the circuit does not have.
    """
    from analysis.motifs.matching import column_kinds
    from analysis.motifs.named import pattern_of
    from schemas.patterns.attributes import resolved

    pattern = pattern_of(text) or read(text)
    if pattern.motif is not None and induced is False:
        raise PatternError(
            f"{pattern.motif} is induced by its definition",
            remedy=f"write its connections instead: {_connections(pattern)}",
        )
    asked = pattern.closed(induced=pattern.induced if induced is None else induced)
    asked = resolved(asked, column_kinds(circuit.neurons), circuit.name)
    return Question(text, asked, circuit, once, in_lake)


def instances(
    asked: Question,
    workspace: Workspace,
    *,
    limit: int = LIMIT,
    by: Way = "auto",
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Instances:
    """Find where the pattern lies: in the graph if it has the circuit, else in the arrays.

    Raises
    ------
    UsageError
        If the way that was asked for cannot answer.
    SearchStopped, QueryStopped
        If it is not done in time.
    FrameError
        If absences of the pattern could not have been observed.
    """
    from analysis.motifs.matching import find_placements, need_observable

    if by == "census":
        raise UsageError("the census counts motifs, it does not say where they are")
    reason = _why_no_graph(asked)
    if by == "graph" and reason is not None:
        raise UsageError(f"the graph cannot answer this: {reason}", remedy="--by matcher can")
    if by == "matcher" or reason is not None:
        found = find_placements(
            asked.circuit, asked.pattern, limit=limit, once=asked.once, seconds=timeout
        )
        ids = asked.circuit.neuron_ids[found.rows]
        table = pd.DataFrame(ids, columns=list(found.neurons))
        return Instances(table, found.complete, "matcher")
    rows, complete = _from_graph(
        workspace, asked, statement(asked, limit=limit + 1), limit, timeout, progress
    )
    if not rows:
        need_observable(asked.circuit, asked.pattern, timeout)
    names = list(asked.pattern.neurons)
    table = pd.DataFrame(rows, columns=names).astype("int64")
    return Instances(table.sort_values(names, ignore_index=True), complete, "graph")


def count(
    asked: Question,
    workspace: Workspace,
    *,
    by: Way = "auto",
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> MotifCount:
    """Count the pattern: by the census where it suffices, else in the arrays.

    Raises
    ------
    UsageError
        If the way that was asked for cannot answer.
    SearchStopped, QueryStopped
        If it is not done in time.
    FrameError
        If absences of the pattern could not have been observed.
    """
    from analysis.motifs.counting import count_pattern
    from analysis.motifs.matching import need_observable
    from schemas.patterns.symmetry import Symmetry

    symmetries = Symmetry(asked.pattern).size
    if by == "graph":
        reason = _why_no_graph(asked)
        if reason is not None:
            raise UsageError(f"the graph cannot answer this: {reason}", remedy="--by matcher can")
        counting = statement(asked, counting=True)
        ((number,),), _ = _from_graph(workspace, asked, counting, 1, timeout, progress)
        if not number:
            need_observable(asked.circuit, asked.pattern, timeout)
        path = "graph"
    else:
        found = count_pattern(
            asked.circuit, asked.pattern, path=None if by == "auto" else by, seconds=timeout
        )
        number, path = found.subgraphs if asked.once else found.placements, found.path
    return MotifCount(number, asked.pattern.induced, asked.counted, symmetries, path)


def statement(asked: Question, *, limit: int | None = None, counting: bool = False) -> Statement:
    """Write the Cypher that answers a question.

    Raises
    ------
    UsageError
        If the graph cannot answer it.
    """
    from store.motifs import compile_pattern

    reason = _why_no_graph(asked)
    if reason is not None:
        raise UsageError(f"the graph cannot answer this: {reason}")
    return compile_pattern(
        asked.pattern,
        circuit=asked.circuit.name,
        version=asked.circuit.attributes["version"],
        limit=limit,
        once=asked.once,
        count=counting,
    )


def document(
    asked: Question, *, found: Instances | None = None, counted: MotifCount | None = None
) -> dict[str, Any]:
    """Build the public JSON document (`docs/cli.md`)."""
    from isocortex.keeping import code_version
    from schemas.patterns.symmetry import Symmetry

    given: dict[str, Any] = {
        "format": "isocortex.find/1",
        "pattern": asked.text.strip(),
        "motif": asked.pattern.motif,
        "circuit": asked.circuit.name,
        "version": asked.circuit.attributes.get("version"),
        "induced": asked.pattern.induced,
        "counted": asked.counted,
        "symmetries": Symmetry(asked.pattern).size,
        "neurons": list(asked.pattern.neurons),
        "observed": asked.circuit.frame.words(),
        "code_version": code_version(),
    }
    if counted is not None:
        given |= {"path": counted.path, "count": counted.count}
    if found is not None:
        given |= {
            "path": found.path,
            "complete": found.complete,
            "instances": found.table.to_dict("records"),
        }
    return given


def _why_no_graph(asked: Question) -> str | None:
    """Say why a question cannot be put to the graph; None if it can."""
    from store.motifs import not_in_graph

    if not asked.in_lake:
        return f"{asked.circuit.name} was given as arrays or a file, not by its name in the lake"
    missing = not_in_graph(asked.pattern)
    if missing:
        return f"its neurons have no {', '.join(missing)}"
    if asked.pattern.absent and not asked.circuit.frame.complete:
        return (
            "the pattern has connections that are absent, and the graph does not know which pairs "
            f"of {asked.circuit.name} were observable"
        )
    return None


def _from_graph(
    workspace: Workspace,
    asked: Question,
    asking: Statement,
    most: int,
    timeout: float,
    progress: Progress | None,
) -> tuple[list[list[Any]], bool]:
    from store.console import run

    with workspace.graph(progress) as graph:
        there = run(graph, _DATASET, {"circuit": asked.circuit.name}).rows
        wanted = asked.circuit.attributes["version"]
        if [wanted] not in there:
            state = f"at version {there[0][0]}, not {wanted}" if there else "not there"
            raise UsageError(
                f"the graph cannot answer this: {asked.circuit.name} is {state}",
                remedy="`isocortex server verify --repair` brings the lake into it; "
                "--by matcher searches the lake's arrays",
            )
        result = run(graph, asking.text, asking.values, timeout=timeout, max_rows=most)
    return result.rows, not result.truncated


def _connections(pattern: Pattern) -> str:
    return "; ".join(f"{link.pre} -> {link.post}" for link in pattern.present)
