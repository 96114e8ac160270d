"""The proofread column of V1, and Bock's graph: what is derived, and bad files."""

import numpy as np
import pandas as pd
import pytest

from ingest import catalog_manifests
from ingest.readers.microns_mm3 import depth_um
from ingest.sources import Trust, provide
from schemas.errors import InputError
from tests.contract.ingest.written import IDS, bock_graphml, microns_column
from tests.reading import prepare_file
from tests.unit.ingest.test_archives import zipped

TYPES, STATUS = (
    "allen_v1_column_types_slanted_ref.csv",
    "proofreading_status_and_strategy.csv",
)


def test_what_is_derived(tmp_path):
    manifest, done = prepare_file(microns_column(tmp_path)[0])
    cells = done.tables.neurons.set_index("neuron_id")
    assert manifest.weight == "synapse_count"
    assert manifest.caveats == []
    assert cells["axon"].tolist() == ["proofread", "automated", "proofread"] + ["automated"] * 3
    somata = pd.DataFrame(
        {
            "soma_x": [(180_000 + 1_000 * k) * 0.004 for k in range(6)],
            "soma_y": [(220_000 + 9_000 * k) * 0.004 for k in range(6)],
        }
    )
    np.testing.assert_allclose(cells["soma_y"], somata["soma_y"])
    np.testing.assert_allclose(cells["soma_z"], 800)
    np.testing.assert_allclose(cells["cortical_depth"], depth_um(somata) / 716.6)
    # the 4P cells are 0, 1 and 4: the inhibitory 2 and 3 lie among them, 5 below all
    assert cells["layer"].fillna("").tolist() == ["L4"] * 5 + [""]
    assert cells["polarity"].tolist()[:3] == ["excitatory", "excitatory", "inhibitory"]
    assert np.isnan(cells["axon_length_um"].iloc[0])  # written as −1


def test_without_the_other_tables_there_are_no_positions(tmp_path):
    path, _ = microns_column(tmp_path)
    (tmp_path / TYPES).unlink()
    (tmp_path / STATUS).unlink()
    _, done = prepare_file(path)
    assert done.tables.neurons["soma_x"].isna().all()
    assert "axon" not in done.tables.neurons


def test_without_neurons_it_is_an_edge_list(tmp_path):
    path, _ = microns_column(tmp_path)
    (tmp_path / "connectome_neurons.csv").unlink()
    manifest, _ = prepare_file(path)
    assert manifest.reader.format == "edge_list"


def test_tables_that_do_not_belong_together_are_told(tmp_path):
    path, _ = microns_column(tmp_path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n")
    manifest, _ = prepare_file(path)
    assert manifest.caveats == ["2 neurons have another number of synapses in their own table."]


def test_the_archive_of_the_catalog_is_read_from_a_mirror(tmp_path):
    """A small archive laid out as the published one, under the catalog's names."""
    manifest = catalog_manifests()["mouse-microns-v1-column"]
    (file,) = manifest.source.files
    microns_column(tmp_path)
    archive = tmp_path / "mirror" / file.name
    archive.parent.mkdir(parents=True)
    content = {m: (tmp_path / m.rpartition("/")[2]).read_bytes() for m in file.members}
    zipped(archive, content | {"data/micro_column_network/neurons/1.pkl": b"\x80\x04."})
    from ingest.job import prepare

    done = prepare(
        manifest, cache=tmp_path / "cache", mirror=tmp_path / "mirror", trust=Trust(accept=True)
    )
    assert done.tables.neurons["neuron_id"].tolist() == IDS
    assert [one.name for one in done.sources] == [file.name]
    named = {condition.column for cut in manifest.circuits for condition in cut.where}
    assert named <= set(done.tables.neurons)
    with pytest.raises(InputError, match="--accept-checksum"):
        provide(manifest, cache=tmp_path / "cache", mirror=tmp_path / "mirror")


BAD = {
    "polarity": ("connectome_neurons.csv", ",E,", ",X,", "clf_type"),
    "root": ("connectome_neurons.csv", f",{IDS[0]},", f",{IDS[0]}.0,", "root_id"),
    "stranger": ("connectome_synapses.csv", f",{IDS[0]},", ",7,", "pre"),
    "size": ("connectome_synapses.csv", ",1000,", ",big,", "size"),
    "position": (TYPES, "[180000 220000 20000]", "[180000 220000]", "pt_position"),
    "position-dots": (TYPES, "[180000 220000 20000]", "[1.8.0 220000 20000]", "pt_position"),
    "status": (STATUS, ",t\n", ",maybe\n", "status_axon"),
    "no-status": (STATUS, "status_axon", "status", "status_axon"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused(tmp_path, case):
    name, old, new, column = BAD[case]
    path, _ = microns_column(tmp_path)
    text = (tmp_path / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        prepare_file(path)
    assert caught.value.problems[0].column == column
    assert caught.value.problems[0].file.endswith(name)


class TestBock:
    """Outputs of characterised cells, and nothing else."""

    def test_what_is_read(self, tmp_path):
        manifest, done = prepare_file(bock_graphml(tmp_path)[0])
        catalog = catalog_manifests()["mouse-bock"]
        assert manifest.frame.kind == catalog.frame.kind == "outputs"
        assert manifest.frame.sources == catalog.frame.sources
        cells = done.tables.neurons
        assert cells["part"].tolist() == [
            *["characterised pyramidal cell"] * 2, "cell body", *["dendritic fragment"] * 2,
        ]  # fmt: skip
        assert cells["polarity"].tolist() == [
            "excitatory", "excitatory", "inhibitory", "excitatory", "inhibitory",
        ]  # fmt: skip
        assert done.tables.connections["weight"].tolist() == [1, 2, 1, 1]

    def test_an_edge_from_a_target_is_refused(self, tmp_path):
        path, _ = bock_graphml(tmp_path)
        text = path.read_text()
        path.write_text(text.replace('source="n0" target="n2"', 'source="n2" target="n0"'))
        with pytest.raises(InputError, match="outputs"):
            prepare_file(path)

    def test_a_node_of_another_kind_is_refused(self, tmp_path):
        path, _ = bock_graphml(tmp_path)
        path.write_text(path.read_text().replace("Cell body", "Glia"))
        with pytest.raises(InputError, match="a node of kind 'Glia'"):
            prepare_file(path)
