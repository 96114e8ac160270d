"""Good tables of a user's, under all the names the field gives them: ids exact, nothing lost."""

import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from ingest.assemble import NEURON_ID, POST, PRE, WEIGHT
from ingest.own import slug
from schemas.tables import NEURON_FIELDS
from tests.reading import prepare_file

BIG = 864_691_136_000_000_001  # 2**53 < BIG: a float would name a neighbour
ROWS = [(BIG, BIG + 1, 3), (BIG + 1, BIG + 2, 1), (BIG + 2, BIG, 2)]
PLAIN = "pre,post,weight\n" + "".join(f"{a},{b},{w}\n" for a, b, w in ROWS)


def prepare(tmp_path, content, neurons=None, name="edges.csv", **how: str):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    second = None
    if neurons is not None:
        second = tmp_path / "neurons.csv"
        second.write_text(neurons, encoding="utf-8", newline="")
    return prepare_file(path, second, **how)[1]


def triples(prepared):
    edges = prepared.tables.connections
    return [tuple(row) for row in edges[["pre", "post", "weight"]].to_numpy().tolist()]


@pytest.mark.parametrize("pre", [PRE.ours, *PRE.systems, *PRE.plain])
def test_names_of_the_presynaptic_column(tmp_path, pre):
    assert triples(prepare(tmp_path, PLAIN.replace("pre", pre, 1))) == ROWS


@pytest.mark.parametrize("post", [POST.ours, *POST.systems, *POST.plain])
def test_names_of_the_postsynaptic_column(tmp_path, post):
    assert triples(prepare(tmp_path, PLAIN.replace("post", post, 1))) == ROWS


@pytest.mark.parametrize("weight", [WEIGHT.ours, *WEIGHT.systems, *WEIGHT.plain])
def test_names_of_the_weight(tmp_path, weight):
    assert triples(prepare(tmp_path, PLAIN.replace("weight", weight, 1))) == ROWS


@pytest.mark.parametrize("name", [NEURON_ID.ours, *NEURON_ID.systems, *NEURON_ID.plain])
def test_names_of_the_neuron(tmp_path, name):
    table = f"{name},layer\n" + "".join(f"{BIG + k},L4\n" for k in range(4))
    prepared = prepare(tmp_path, PLAIN, table)
    assert prepared.tables.neurons["neuron_id"].tolist() == [BIG + k for k in range(4)]


@pytest.mark.parametrize(
    ("system", "header", "rows"),
    [
        ("neuPrint", "bodyId_pre,bodyId_post,roi,weight", ["1,2,S1,3", "1,2,V1,1", "2,1,S1,1"]),
        ("Codex", "pre_root_id,post_root_id,neuropil,syn_count,nt_type",
         ["1,2,AL,4,ACH", "2,1,AL,1,GABA"]),
        ("connecto", "pre,post,weight,side", ["1,2,4,L", "2,1,1,R"]),
        ("SONATA", "source_node_id,target_node_id,edge_type_id,syn_weight",
         ["1,2,7,.5"] * 4 + ["2,1,7,.5"]),
        ("CAVE", "id,pre_pt_root_id,post_pt_root_id,size,ctr_pt_position",
         ['9,1,2,120,"[1 2 3]"'] * 4 + ['8,2,1,99,"[1 2 3]"']),
        ("networkx", "source,target,weight", ["1,2,4", "2,1,1"]),
        ("capital letters", "Source,Target,Weight", ["1,2,4", "2,1,1"]),
        ("ours beside theirs", "pre,post,weight,source,syn_count", ["1,2,4,EM,9", "2,1,1,EM,9"]),
        ("a name before a word", "pre_root_id,post_root_id,source,count", ["1,2,x,4", "2,1,y,1"]),
    ],
)  # fmt: skip
def test_systems(tmp_path, system, header, rows):
    prepared = prepare(tmp_path, "\n".join([header, *rows]))
    assert triples(prepared) == [(1, 2, 4), (2, 1, 1)]
    assert prepared.merged_parallel == len(rows) - 2


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        PLAIN.rstrip(),
        PLAIN + "\n\n",
        PLAIN.replace("\n", "\n\n"),
        "\n" + PLAIN,
        "# made by hand\n#\n" + PLAIN,
        "sep=,\n" + PLAIN,
        "\ufeffsep=;\r\n" + PLAIN.replace(",", ";").replace("\n", "\r\n"),
        PLAIN.replace(",", " , "),
        PLAIN.replace("pre,post,weight", '"pre","post","weight"'),
        PLAIN.replace("pre,post,weight", 'pre,post,"weight"'),
        PLAIN.replace(f"{BIG},", f'"{BIG}",'),
        PLAIN.replace(f"\n{BIG},", f"\n+{BIG},"),
        PLAIN.replace(f"\n{BIG},", f"\n000{BIG},"),
        gzip.compress(PLAIN.encode(), mtime=0),
        gzip.compress(PLAIN[:40].encode(), mtime=0) + gzip.compress(PLAIN[40:].encode(), mtime=0),
    ],
)
def test_ways_to_write_the_same_table(tmp_path, content):
    assert triples(prepare(tmp_path, content)) == ROWS


@pytest.mark.parametrize("points", [pa.list_(pa.int64()), pa.list_(pa.float32(), 3)])
def test_points_of_cave_in_lists_of_any_kind(tmp_path, points):
    place = pa.array([[1, 2, 3]] * 2, points)
    ends = {"pre_pt_root_id": [BIG, BIG], "post_pt_root_id": [BIG + 1, BIG + 1]}
    pq.write_table(
        pa.table(ends | {"id": [7, 8], "ctr_pt_position": place}), tmp_path / "s.parquet"
    )
    cells = {"pt_root_id": [BIG, BIG + 1], "pt_position": place}
    pq.write_table(pa.table(cells), tmp_path / "c.parquet")
    tables = prepare_file(tmp_path / "s.parquet", tmp_path / "c.parquet")[1].tables
    assert tables.connections["weight"].tolist() == [2]
    assert tables.neurons["pt_position_z_voxel"].tolist() == [3, 3]


@pytest.mark.parametrize("integer", ["int64", "uint64", "string", "large_string", "dictionary"])
def test_types_of_ids_in_columnar_files(tmp_path, integer):
    ids = {side: pa.array([row[k] for row in ROWS]) for k, side in enumerate(("pre", "post"))}
    if integer == "dictionary":
        ids = {side: column.cast(pa.string()).dictionary_encode() for side, column in ids.items()}
    else:
        ids = {side: column.cast(integer) for side, column in ids.items()}
    table = pa.table(ids | {"weight": pa.array([row[2] for row in ROWS], pa.int8())})
    pq.write_table(table, tmp_path / "edges.parquet")
    pyarrow.feather.write_feather(table, tmp_path / "edges.feather")
    for name in ("edges.parquet", "edges.feather"):
        assert triples(prepare_file(tmp_path / name)[1]) == ROWS


def test_the_content_tells_the_format_not_the_name(tmp_path):
    pq.write_table(pa.table({"pre": [1], "post": [2]}), tmp_path / "edges.txt")
    assert triples(prepare_file(tmp_path / "edges.txt")[1]) == [(1, 2, 1)]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "__index_level_0__"])
def test_row_numbers_of_pandas_are_no_data(tmp_path, name):
    edges = f"{name},pre,post\n0,1,2\n1,2,1\n"
    neurons = f"{name},neuron_id,layer\n0,1,L4\n1,2,L4\n"
    prepared = prepare(tmp_path, edges, neurons)
    assert triples(prepared) == [(1, 2, 1), (2, 1, 1)]
    assert set(prepared.tables.neurons) == set(NEURON_FIELDS)


def test_a_filtered_frame_as_parquet(tmp_path):
    frame = pd.DataFrame({"pre": [1, 2, 3], "post": [2, 3, 1]})
    frame[frame["pre"] > 1].to_parquet(tmp_path / "edges.parquet")
    assert triples(prepare_file(tmp_path / "edges.parquet")[1]) == [(2, 3, 1), (3, 1, 1)]


def test_extreme_and_negative_ids(tmp_path):
    lowest, highest = -(2**63), 2**63 - 1
    prepared = prepare(tmp_path, f"pre,post\n{lowest},{highest}\n-1,0\n{highest},-1\n")
    assert triples(prepared) == [(lowest, highest, 1), (-1, 0, 1), (highest, -1, 1)]
    assert prepared.tables.neurons["neuron_id"].tolist() == [lowest, -1, 0, highest]


def test_names_become_numbers_in_sorted_order(tmp_path):
    prepared = prepare(tmp_path, "pre,post,weight\nAVAR,AVAL,2\nAVAL,3,1\nRIM,AVAL,5\n")
    neurons = prepared.tables.neurons
    assert neurons["instance"].tolist() == ["3", "AVAL", "AVAR", "RIM"]
    assert triples(prepared) == [(2, 1, 1), (3, 2, 2), (4, 2, 5)]


def test_names_in_a_neuron_table(tmp_path):
    prepared = prepare(
        tmp_path, "pre,post\nAVAR,AVAL\n", "name,type\nRIM,motor\nAVAL,inter\nAVAR,inter\n"
    )
    neurons = prepared.tables.neurons.set_index("instance")
    assert neurons["type"].to_dict() == {"AVAL": "inter", "AVAR": "inter", "RIM": "motor"}
    assert triples(prepared) == [(2, 1, 1)]


def test_rows_of_one_pair_are_summed(tmp_path):
    prepared = prepare(tmp_path, "pre,post,weight\n1,2,3\n2,1,1\n1,2,2147483644\n")
    assert triples(prepared) == [(1, 2, 2_147_483_647), (2, 1, 1)]
    assert prepared.merged_parallel == 1
    assert prepared.tables.connections["weight"].dtype == np.int32


def test_isolated_neurons_count(tmp_path):
    prepared = prepare(tmp_path, "pre,post\n1,2\n", "neuron_id\n3\n1\n2\n")
    assert prepared.tables.neurons["neuron_id"].tolist() == [1, 2, 3]


WORDS = """id,cell_type,synapse_class,layer,area,side,cell_class,depth,nucleus,code,note
1,4P,EXC,4,V1,L,Pyramidal,12.5,864691136000000001,007,x
2,BC,INH,Layer IV,v1,right,basket cell,,864691136000000003,008,
3,??,modulatory,L5a,barrel,dorsal,chandelier-like,3,,009,y
4,,,,,,CL:0000617,4,5,010,
"""


def test_words_become_terms_or_stay_and_are_counted(tmp_path):
    prepared = prepare(tmp_path, "pre,post\n1,2\n2,3\n3,4\n", WORDS)
    neurons = prepared.tables.neurons.astype(object).where(prepared.tables.neurons.notna(), None)
    assert neurons["layer"].tolist() == ["L4", "L4", None, None]
    assert neurons["area"].tolist() == ["v1", "v1", None, None]
    assert neurons["side"].tolist() == ["left", "right", None, None]
    assert neurons["cell_class"].tolist() == ["pyramidal", "basket", None, "inhibitory"]
    assert neurons["polarity"].tolist() == ["excitatory", "inhibitory", "unknown", "inhibitory"]
    assert neurons["type"].tolist() == ["4P", "BC", "??", None]
    assert prepared.unmapped == {
        "cell_class": {"chandelier-like": 1},
        "layer": {"L5a": 1},
        "area": {"barrel": 1},
        "side": {"dorsal": 1},
        "polarity": {"modulatory": 1},
    }
    for column, words in prepared.unmapped.items():
        assert neurons[f"{column}_raw"].tolist()[2] == next(iter(words))


def test_columns_of_the_users_own_keep_their_values(tmp_path):
    neurons = prepare(tmp_path, "pre,post\n1,2\n2,3\n3,4\n", WORDS).tables.neurons
    assert neurons["depth"].dtype == np.float64
    assert neurons["depth"].isna().tolist() == [False, True, False, False]
    assert neurons["nucleus"].dtype == pd.Int64Dtype()
    assert neurons["nucleus"].tolist()[:2] == [864691136000000001, 864691136000000003]
    assert neurons["code"].tolist() == ["007", "008", "009", "010"]
    assert neurons["note"].tolist() == ["x", None, "y", None]


@pytest.mark.parametrize(
    ("word", "layer"),
    [("4", "L4"), ("L4", "L4"), ("l4", "L4"), ("layer 4", "L4"), ("IV", "L4"), ("Layer IV", "L4"),
     ("2/3", "L2/3"), ("L23", "L2/3"), ("L2/3", "L2/3"), ("II/III", "L2/3"), ("layer 2-3", "L2/3"),
     ("cortical layer IV", "L4"), ("UBERON:0005393", "L4"), ("WM", "WM"), ("white matter", "WM"),
     ("VI", "L6"), ("5A", None), ("7", None), ("4/5", None), ("granular", None)],
)  # fmt: skip
def test_layers(tmp_path, word, layer):
    table = f"neuron_id,layer\n1,{word}\n2,L1\n"
    neurons = prepare(tmp_path, "pre,post\n1,2\n", table).tables.neurons
    assert (neurons["layer"].tolist()[0] or None) == layer


def test_positions_are_read_as_they_are(tmp_path):
    table = "node_id,x,y,z,mtype\n1,-1.5,+2,3e2,L4_SSC\n2,.5,,4.,L4_TPC\n"
    neurons = prepare(tmp_path, "pre,post\n1,2\n", table).tables.neurons
    assert neurons["soma_x"].tolist() == [-1.5, 0.5]
    assert neurons["soma_y"].isna().tolist() == [False, True]
    assert neurons["soma_z"].tolist() == [300.0, 4.0]
    assert neurons["type"].tolist() == ["L4_SSC", "L4_TPC"]


def test_same_bytes_same_tables(tmp_path):
    first, again = (prepare(tmp_path, PLAIN) for _ in range(2))
    pd.testing.assert_frame_equal(first.tables.connections, again.tables.connections)
    pd.testing.assert_frame_equal(first.tables.neurons, again.tables.neurons)
    assert first.sources == again.sources


@pytest.mark.parametrize(
    ("text", "made"),
    [("My Circuit (2).csv", "my-circuit-2-csv"), ("ä", "circuit-unnamed"), ("x", "circuit-x"),
     ("../../etc", "etc"), ("a" * 80, "a" * 60), ("barrel_C2", "barrel-c2")],
)  # fmt: skip
def test_dataset_names(text, made):
    assert slug(text) == made
