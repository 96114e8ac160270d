"""`isocortex census FILE` on bad files: exit code 2, nothing on stdout, no traceback, no trace."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest


def outside():
    """A zip archive with a name that leads out of it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../edges.csv", "pre,post\n1,2\n")
    return made.getvalue()


CASES = {
    "fraction": (["census", "edges.csv"], b"pre,post,weight\n1,2,0.5\n", "row 2, column 'weight'"),
    "encoding": (["census", "edges.csv"], "pre,post\n1,2\n".encode("utf-16"), "UTF-16"),
    "archive": (["ingest", "edges.csv", "--evidence", "model"], outside(), "outside of it"),
    "missing": (["census", "nothing.csv"], b"", "no such file"),
    "pipe": (["census", "pipe.csv"], b"", "pipe"),
    "dangling": (
        ["ingest", "edges.csv", "--neurons", "neurons.csv", "--evidence", "em_dense"],
        b"pre,post\n1,2\n1,7\n",
        "row 3, column 'post'",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(tmp_path, case):
    arguments, content, words = CASES[case]
    (tmp_path / "edges.csv").write_bytes(content)
    (tmp_path / "neurons.csv").write_text("neuron_id\n1\n2\n")
    os.mkfifo(tmp_path / "pipe.csv")
    home = tmp_path / "home"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEO4J_", "ISOCORTEX_"))}
    done = subprocess.run(
        [sys.executable, "-m", "isocortex", *arguments, "--json"],
        cwd=tmp_path,
        env=kept | {"ISOCORTEX_HOME": str(home), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    told = json.loads(done.stderr[done.stderr.index("{") :])
    assert told["error"] == "InputError"
    assert told["found"] == 1
    assert words in told["message"]
    assert told["problems"][0]["remedy"]
    # neither a lake nor a graph has come to be
    assert not [path for path in home.rglob("*") if path.is_file()]
