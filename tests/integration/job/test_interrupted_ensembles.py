"""`kill -9` or Ctrl-C in the middle of an ensemble: the same command goes on where it stopped."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
from distributed import LocalCluster

from analysis.effects import effect_table
from analysis.motifs import MAN
from analysis.nulls.ensembles import Source, sample_ensemble
from ingest.job import prepare_understood
from ingest.own import understand
from isocortex.measure import Parameters
from isocortex.measurements import _measure_one
from isocortex.pipeline import publish
from isocortex.settings import Settings
from isocortex.workspace import Workspace
from tests.unit.analysis.graphs import heavy

SAMPLES = 20_000
CENSUS = ("census", "made", "--nulls", "degree", "--samples", str(SAMPLES), "--json")


@pytest.fixture
def home(tmp_path):
    """A lake that holds one circuit."""
    path = tmp_path / "made.csv"
    heavy(200, 1).to_pandas()[1].to_csv(path, index=False)
    home = tmp_path / "home"
    manifest, prepared = prepare_understood(*understand(path, None))
    publish(Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(home)})), manifest, prepared)
    return home


def start(home, workers):
    """Begin a census in a process group of its own, as a shell would."""
    return subprocess.Popen(
        [sys.executable, "-m", "isocortex", *CENSUS, "--workers", workers],
        env=os.environ | {"ISOCORTEX_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )


def listen() -> None:
    """Answer Ctrl-C, also where the tests were started in the background, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def batches(home):
    """Files of finished batches, with the moment at which each was written."""
    found = {}
    for path in (home / "lake" / "ensembles").glob("*/*.npy"):
        with contextlib.suppress(FileNotFoundError):  # the result may be complete by now
            found[path] = path.stat().st_mtime_ns
    return found


def test_a_run_has_larger_ensembles_drawn_by_a_cluster(home, monkeypatch):
    settings = Settings.from_environment({"ISOCORTEX_HOME": str(home)})
    draw, by_worker = Source.batch, []

    def batch(source, *given: object):
        by_worker.append(threading.current_thread() is not threading.main_thread())
        return draw(source, *given)

    monkeypatch.setattr(Source, "batch", batch)
    monkeypatch.setattr("isocortex.measurements.WORTH_STARTING", 0.0)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as cluster:
        parameters = Parameters(("degree",), hard_samples=120)
        found = _measure_one(settings, "made", parameters, cluster.scheduler_address, triads=True)
    record, effects = found[-1]
    assert {one.refused for one, _ in found} == {
        None, "typed triads: no neuron of made/all has a cell class",
    }  # fmt: skip
    assert by_worker == [True, True, True]
    assert set(record.diagnostics) == {"degree"}
    circuit = Workspace(settings).circuit("made")
    assert effects.equals(effect_table(circuit, nulls=["degree"], hard_samples=120))


def left_alone(group: int) -> None:
    """Wait until no process of the group is left."""
    deadline = time.monotonic() + 30
    while any(alive(one, group) for one in psutil.process_iter()):
        assert time.monotonic() < deadline, "workers outlive the process that gathers"
        time.sleep(0.05)


def alive(process: psutil.Process, group: int) -> bool:
    try:
        ended = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return os.getpgid(process.pid) == group and not ended
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_census_is_resumed(home, how):
    process = start(home, "2")
    deadline = time.monotonic() + 120
    while len(batches(home)) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    if how == signal.SIGKILL:
        process.kill()  # the gathering process alone, as the system does that is short of memory
        left_alone(process.pid)
    else:
        os.killpg(process.pid, how)
    answer, said = process.communicate(timeout=60)
    assert answer == ""
    if how == signal.SIGINT:
        assert process.returncode == 130, said
        assert "resumes" in said
        assert "Traceback" not in said
    kept = batches(home)
    assert 3 <= len(kept) < SAMPLES / 50
    assert not list((home / "lake" / "results").rglob("*.json"))
    process = start(home, "1")
    now = kept
    while process.poll() is None and len(now) <= len(kept):
        time.sleep(0.01)
        now = batches(home)
    assert {path: now[path] for path in kept if path in now} == kept  # they were not drawn again
    resumed, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert not batches(home)
    found = json.loads(resumed)["nulls"]["degree_hard"]
    circuit = Workspace(Settings.from_environment({"ISOCORTEX_HOME": str(home)})).circuit("made")
    undisturbed = sample_ensemble(circuit, "degree", SAMPLES, 0)
    for code, mean, sd in zip(
        MAN, undisturbed.counts.mean(0), undisturbed.counts.std(0, ddof=1), strict=True
    ):
        assert (found["triads"][code]["expected"], found["triads"][code]["sd"]) == (mean, sd)
    assert found["diagnostics"] == undisturbed.diagnostics
