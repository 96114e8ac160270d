"""The synaptic physiology database: what counts as tested, and what is wrong with bad ones."""

import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from ingest import sqlite
from ingest.readers import SourceFiles, get_reader
from schemas.errors import InputError
from tests.contract.ingest.written import SYNPHYS, SYNPHYS_ROWS, synphys, synphys_database
from tests.reading import prepare_file
from tests.unit.ingest.refusing import rejected


def by_hand(rows, species, least=10):
    """The rule of the release in plain words: pairs tested and pairs found, by ids of cells."""
    of_slice = {one[0]: one[2].lower() for one in rows["slice"]}
    of_experiment = {one[0]: of_slice[one[2]] for one in rows["experiment"]}
    kind = {one[0]: one[8] for one in rows["cell"]}
    of_cell = {one[0]: of_experiment[one[1]] for one in rows["cell"]}
    tested, found = [], []
    for _, _, pre, post, result, ex, inh, *_ in rows["pair"]:
        seen = {"ex": ex > least, "in": inh > least}.get(kind[pre], min(ex, inh) > least)
        if of_cell[pre] == species and seen and result is not None:
            tested.append((pre, post))
            found += [(pre, post)] if result else []
    return sorted(tested), sorted(found)


@pytest.mark.parametrize("species", ["mouse", "human"])
def test_pairs_count_as_in_the_release(tmp_path, species):
    manifest, done = prepare_file(synphys(tmp_path)[0], species=species)
    tested, found = by_hand(SYNPHYS_ROWS, species)
    assert len(tested) == {"mouse": 5, "human": 2}[species]
    assert [tuple(row) for row in done.tables.tested.to_numpy().tolist()] == tested
    pairs = done.tables.connections[["pre", "post"]].to_numpy().tolist()
    assert [tuple(row) for row in pairs] == found
    assert (manifest.frame.kind, manifest.weight) == ("pairs", "binary")
    assert manifest.individual.species == species
    assert manifest.evidence == "paired_recording"


def test_many_pairs_count_as_in_the_release(tmp_path):
    """Random databases against the rule by hand."""
    draw = np.random.default_rng(5)
    cells = [
        (k, 11, str(k), None, "4", None, None, None, draw.choice(["ex", "in", None]))
        for k in range(1, 40)
    ]
    ends = [(a, b) for a in range(1, 40) for b in range(1, 40) if a != b]
    pairs = [
        (n, 11, a, b, draw.choice([0, 1, None]), int(draw.integers(0, 21)),
         int(draw.integers(0, 21)), None, None, None)
        for n, (a, b) in enumerate(ends)
    ]  # fmt: skip
    rows = SYNPHYS_ROWS | {"cell": cells, "pair": pairs, "synapse": []}
    rows |= {"cortical_cell_location": []}
    _, done = prepare_file(synphys_database(tmp_path / "x", rows))
    tested, found = by_hand(rows, "mouse")
    assert len(tested) > 300
    assert [tuple(row) for row in done.tables.tested.to_numpy().tolist()] == tested
    pairs = done.tables.connections[["pre", "post"]].to_numpy().tolist()
    assert [tuple(row) for row in pairs] == found


def test_cells_are_told(tmp_path):
    manifest, done = prepare_file(synphys(tmp_path)[0])
    cells = done.tables.neurons.set_index("neuron_id")
    assert cells["instance"].tolist() == ["e11/1", "e11/2", "e11/3", "e12/1", "e12/2"]
    assert cells["module"].tolist() == ["e11"] * 3 + ["e12"] * 2
    assert cells["type"].fillna("").tolist() == ["tlx3", "pvalb", "", "sst", ""]
    # never by the class that makes use of synapses: 103 is "ex" there
    assert cells["polarity"].tolist() == [
        "excitatory", "inhibitory", "unknown", "inhibitory", "unknown",
    ]  # fmt: skip
    assert cells["layer"].tolist() == ["L5", "L2/3", "L5", "L4", "L4"]  # 103 was measured
    assert cells.loc[103, "target_layer"] == "4"
    assert set(cells["area"]) == {"v1"}
    np.testing.assert_allclose(cells.loc[102, ["soma_x", "soma_y", "soma_z"]].tolist(), [40, 60, 0])
    assert math.isnan(cells.loc[103, "soma_x"])
    connection = done.tables.connections.set_index(["pre", "post"]).loc[(101, 102)]
    np.testing.assert_allclose(connection["distance_um"], 50)
    assert connection[["n_ex_test_spikes", "n_in_test_spikes"]].tolist() == [40, 0]
    np.testing.assert_allclose(connection["vertical_distance_um"], 40)
    assert manifest.caveats == [
        "2 pairs with 10 or fewer test spikes of the kind needed are not counted as tested.",
        "1 pairs without a result are not counted as tested.",
        "2 cells of human are in the database too (ingest --species human).",
    ]


def test_the_limit_is_an_option(tmp_path):
    path, _ = synphys(tmp_path)
    files = SourceFiles({"x": path})
    options = {"connections": "x", "species": "mouse", "more_spikes_than": 4}
    raw = get_reader("synphys")(files, options)
    assert (
        sorted(map(tuple, raw.tested.to_numpy().tolist())) == by_hand(SYNPHYS_ROWS, "mouse", 4)[0]
    )


def test_nothing_is_written_beside_the_database(tmp_path):
    """Also of a database in the mode that keeps files beside it."""
    path = synphys_database(tmp_path / "x")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    _, done = prepare_file(path)
    assert len(done.tables.tested) == 5
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert path.read_bytes() == before


def changed(table, row, column, value):
    """Rows with one cell changed."""
    names = [one.split()[0] for one in SYNPHYS[table].split(", ")]
    made = [list(one) for one in SYNPHYS_ROWS[table]]
    made[row][names.index(column)] = value
    return SYNPHYS_ROWS | {table: made}


def without(table, column=None):
    """Columns of the schema without one, or without a table."""
    kept = {name: declared for name, declared in SYNPHYS.items() if name != table}
    if column is None:
        return kept
    parts = [one for one in SYNPHYS[table].split(", ") if not one.startswith(f"{column} ")]
    return SYNPHYS | {table: ", ".join(parts)}


CELLS = {
    "result-2": (("pair", 0, "has_synapse", 2), "found '2' where id is 1001"),
    "result-text": (("pair", 0, "has_synapse", "yes"), "found 'yes'"),
    "result-float": (("pair", 0, "has_synapse", 0.5), "found '0.5'"),
    "spikes-text": (("pair", 2, "n_ex_test_spikes", "many"), "found 'many' where id is 1003"),
    "spikes-blob": (("pair", 2, "n_in_test_spikes", b"\0\1"), "where id is 1003"),
    "pre-dangling": (("pair", 1, "pre_cell_id", 999), "found '999'"),
    "post-null": (("pair", 1, "post_cell_id", None), "found 'None'"),
    "post-text": (("pair", 1, "post_cell_id", "a"), "found 'a'"),
    "itself": (("pair", 0, "post_cell_id", 101), "found '101'"),
    "twice": (("pair", 2, "post_cell_id", 102), "found '102'"),
    "distance-infinite": (("pair", 0, "distance", math.inf), "found 'inf'"),
    "distance-text": (("pair", 0, "lateral_distance", "far"), "found 'far'"),
    "experiment-dangling": (("cell", 0, "experiment_id", 77), "found '77' where id is 101"),
    "slice-dangling": (("experiment", 0, "slice_id", 77), "found '77' where id is 11"),
    "position-pickle": (("cell", 0, "position", b"\x80\x04."), "where id is 101"),
    "position-object": (("cell", 0, "position", '{"x": 1}'), "found '{"),
    "position-deep": (("cell", 0, "position", "[" * 5_000), "found '[["),
    "position-huge": (("cell", 0, "position", "[1e999, 0, 0]"), "found '[1e999"),
    "position-nan": (("cell", 0, "position", "[NaN, 0, 0]"), "found '[NaN"),
    "depth-text": (("cell", 0, "depth", "deep"), "found 'deep'"),
    "class-blob": (("cell", 0, "cell_class_nonsynaptic", b"ex"), "found \"b'ex'\""),
    "species-blob": (("slice", 0, "species", b"\xff"), "where id is 1"),
}


@pytest.mark.parametrize("case", CELLS)
def test_bad_cells_are_told_by_their_id(tmp_path, case):
    change, says = CELLS[case]
    problem = rejected(synphys_database(tmp_path / "x.sqlite", changed(*change)))
    assert problem.column == f"{change[0]}.{change[2]}"
    assert says in problem.what


@pytest.mark.parametrize(
    "column",
    [("pair", "has_synapse"), ("pair", "n_ex_test_spikes"), ("cell", "cell_class_nonsynaptic"),
     ("slice", "species"), ("experiment", "slice_id"), ("synapse", "pair_id")],
)  # fmt: skip
def test_missing_columns_are_named(tmp_path, column):
    problem = rejected(synphys_database(tmp_path / "x", {}, without(*column)))
    assert problem.column == ".".join(column)
    assert "there is no such column" in problem.what


@pytest.mark.parametrize("table", ["slice", "experiment", "cell", "pair", "synapse"])
def test_missing_tables_are_no_such_database(tmp_path, table):
    path = synphys_database(tmp_path / "x", {}, without(table))
    assert "SQLite database" in rejected(path).what
    with pytest.raises(InputError, match="there is no such table"):
        get_reader("synphys")(SourceFiles({"x": path}), {"connections": "x", "species": "mouse"})


def test_a_species_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"no tested pair of rat.*human, mouse"):
        prepare_file(synphys(tmp_path)[0], species="rat")


def replaced(path, *statements: str):
    """A database in which the table of pairs is something else."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE pair RENAME TO stored")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


ENDLESS = (
    "CREATE VIEW pair AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
    "SELECT * FROM n"
)
COMPUTED = (
    "CREATE TABLE pair (id INTEGER PRIMARY KEY, pre_cell_id, post_cell_id, n_ex_test_spikes, "
    "n_in_test_spikes, has_synapse AS (hex(zeroblob(1000))))"
)


class TestHostile:
    """A database is a program; none of it is run."""

    def read(self, path):
        options = {"connections": "x", "species": "mouse"}
        return get_reader("synphys")(SourceFiles({"x": path}), options)

    def test_views_are_not_run(self, tmp_path):
        with pytest.raises(InputError, match="computed, not stored"):
            self.read(replaced(synphys(tmp_path)[0], ENDLESS))

    def test_computed_columns_are_not_run(self, tmp_path):
        path = replaced(synphys(tmp_path)[0], COMPUTED, "INSERT INTO pair (id) VALUES (1)")
        assert "computed" in rejected(path).what

    def test_virtual_tables_are_not_opened(self, tmp_path):
        made = "CREATE VIRTUAL TABLE pair USING fts5(id, has_synapse)"
        assert "computed, not stored" in rejected(replaced(synphys(tmp_path)[0], made)).what

    def test_too_many_rows_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sqlite, "MOST_ROWS", 9)
        assert "more than 9 rows" in rejected(synphys(tmp_path)[0]).what

    def test_too_many_steps_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sqlite, "_STEPS", 10)
        monkeypatch.setattr(sqlite, "_STEPS_AT_ONCE", 1)
        with pytest.raises(InputError, match="interrupted"):
            self.read(synphys(tmp_path)[0])

    def test_long_text_is_read_no_further_than_needed(self, tmp_path):
        path = synphys_database(tmp_path / "x", changed("cell", 0, "cre_type", "a" * 5_000_000))
        cells = self.read(path).neurons.set_index("neuron_id")
        assert len(cells.loc[101, "type"]) == sqlite.LONGEST_TEXT


def pages(path):
    return int.from_bytes(path.read_bytes()[16:18], "big")


def test_cut_at_the_border_of_every_page_it_is_refused(tmp_path):
    path = synphys(tmp_path)[0]
    content, page = path.read_bytes(), pages(path)
    for end in sorted({15, 16, 99, 100, *range(page, len(content), page)}):
        cut = tmp_path / "cut"
        cut.write_bytes(content[:end])
        rejected(cut)
    assert len(content) // page == 7


def test_damaged_pages_are_one_error_or_the_same_circuit(tmp_path):
    """Whatever byte is another one: one error about the file, or what its cells now say."""
    path = synphys(tmp_path)[0]
    content = path.read_bytes()
    draw = np.random.default_rng(3)
    refused = []
    for _ in range(60):
        damaged = bytearray(content)
        for place in draw.integers(0, len(content), 40):
            damaged[place] = int(draw.integers(0, 256))
        broken = tmp_path / "broken"
        broken.write_bytes(damaged)
        try:
            prepare_file(broken)
        except InputError as error:
            refused += error.problems
    assert len(refused) > 8
    assert {one.file for one in refused} == {str(broken)}
