"""Processes and a real Dask cluster give the numbers of one process, or one clear error."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from distributed import LocalCluster

import isocortex as ic
from analysis.nulls.ensembles import BATCH, hold, sample_ensemble
from isocortex import workers
from isocortex.sampling import Sampling
from isocortex.workers import ClusterWorkers, LocalWorkers, Workers, chosen_workers
from schemas.errors import UsageError, WorkersUnavailable
from tests.contract.analysis.test_nulls import labelled
from tests.unit.analysis.graphs import heavy
from tests.unit.isocortex.test_commands import run  # noqa: F401

SAMPLES = 2 * BATCH + 20
NULLS = ("degree", "reciprocal", "block_distance")


@pytest.fixture(scope="module")
def circuit():
    return labelled(heavy(40, 1))


@pytest.fixture(scope="module")
def serial(circuit):
    return {null: sample_ensemble(circuit, null, SAMPLES, 7) for null in NULLS}


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as started:
        yield started


def same(chosen, circuit, serial):
    sampling = Sampling(chosen, None)
    for null, wanted in serial.items():
        found = sampling(circuit, null, SAMPLES, 7)
        assert np.array_equal(found.counts, wanted.counts)
    assert sampling.diagnostics == {
        null: wanted.diagnostics for null, wanted in serial.items() if wanted.diagnostics
    }


def threads_there():
    import numba
    from threadpoolctl import threadpool_info

    pools = {pool["num_threads"] for pool in threadpool_info()}
    return numba.get_num_threads(), pools, signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_one_process(circuit, serial):
    with Workers() as here:
        assert here.crew(circuit, 1e9).executor is None
        same(here, circuit, serial)


def test_two_processes_that_hold_the_circuit_and_bound_their_threads(circuit, serial):
    with LocalWorkers(2) as processes:
        same(processes, circuit, serial)
        pool = processes.crew(circuit, 0).executor
        assert processes.crew(circuit, 0).executor is pool
        threads, pools, deaf = pool.submit(threads_there).result()
        assert (threads, pools | {1}, deaf) == (1, {1}, True)
        # Another circuit is never mistaken for the one that is held.
        other = heavy(30, 2)
        found = Sampling(processes, None)(other, "degree", 10, 7)
    assert np.array_equal(found.counts, sample_ensemble(other, "degree", 10, 7).counts)


def test_processes_are_started_for_enough_work_or_when_asked_for(circuit, monkeypatch):
    monkeypatch.setattr(workers, "processors", lambda: 8)
    started = []
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda *a: started.append(a[0]) or Pool())
    for number, seconds, wanted in (
        (None, 4.9, []), (None, 5.1, [4]), (1, 1e9, []), (3, 0.0, [3]), (None, 1e9, [4]),
    ):  # fmt: skip
        started.clear()
        with LocalWorkers(number) as local:
            assert (local.crew(circuit, seconds).executor is None) == (not wanted)
        assert started == wanted
    monkeypatch.setattr(workers, "processors", lambda: 1)
    assert LocalWorkers(None).crew(circuit, 1e9).executor is None


class Pool:
    def submit(self, _work):
        """Start the processes: at this moment they inherit what Ctrl-C means."""
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN

    def shutdown(self, *, wait, cancel_futures):
        assert wait
        assert cancel_futures


def test_a_cluster(circuit, serial, cluster):
    hold(heavy(30, 2))  # what this process holds is not what it was sent
    with ClusterWorkers(cluster.scheduler_address, at_once=2) as remote:
        same(remote, circuit, serial)
        assert remote.crew(circuit, 0).shipped is remote.crew(circuit, 0).shipped


def test_census_by_an_executor_and_by_a_cluster(circuit, cluster):
    options = {"nulls": "degree,reciprocal", "samples": SAMPLES, "seed": 3}
    here = ic.census(circuit, **options)
    with ThreadPoolExecutor(2) as executor:
        elsewhere = ic.census(circuit, **options, executor=executor)
    remote = ic.census(circuit, **options, cluster=cluster.scheduler_address)
    assert here.equals(elsewhere)
    assert here.equals(remote)
    assert here.attrs == elsewhere.attrs == remote.attrs
    assert set(here.attrs["diagnostics"]) == {"degree", "reciprocal"}


def test_little_is_not_sent(circuit):
    with ClusterWorkers("tcp://127.0.0.1:1", least=5.0) as remote:
        assert remote.crew(circuit, 4.9).executor is None


def test_a_cluster_without_workers_is_refused():
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(WorkersUnavailable, match=r"no workers(.|\n)*dask worker"),
    ):
        ClusterWorkers(empty.scheduler_address).connect()


@pytest.mark.parametrize("there", ["0123456789ab", ModuleNotFoundError("No module 'analysis'")])
def test_workers_with_another_isocortex_are_refused(cluster, monkeypatch, there):
    from distributed import Client

    monkeypatch.setattr(Client, "run", lambda *_, **__: {"tcp://far:1": there})
    with pytest.raises(WorkersUnavailable, match=str(there)) as refused:
        ClusterWorkers(cluster.scheduler_address).connect()
    assert "tcp://far:1" in str(refused.value)


@pytest.mark.parametrize("listening", [False, True])
def test_nobody_answers(monkeypatch, listening):
    monkeypatch.setattr(workers, "CONNECTING", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        if not listening:
            silent.close()
        started = time.monotonic()
        with pytest.raises(WorkersUnavailable, match=r"no Dask scheduler answers(.|\n)*scheduler`"):
            ClusterWorkers(f"tcp://127.0.0.1:{port}").connect()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("address", ["", "here", "http://here:8786"])
def test_no_address(address):
    with pytest.raises(UsageError, match=r"no address(.|\n)*tcp://"):
        ClusterWorkers(address).connect()


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'isocortex\[cluster\]'"):
        ClusterWorkers("tcp://127.0.0.1:1").connect()


def test_one_of_them():
    with ThreadPoolExecutor(1) as executor, pytest.raises(UsageError, match="one of them"):
        chosen_workers(2, None, executor)


def test_the_command_takes_workers_and_a_cluster(run, circuit, cluster, tmp_path):  # noqa: F811
    path = tmp_path / "edges.csv"
    circuit.to_pandas()[1].to_csv(path, index=False)
    base = ("census", str(path), "--nulls", "degree", "--samples", "120", "--json")
    address = cluster.scheduler_address
    shown = [
        json.loads(run(*base, *more).stdout)
        for more in ((), ("--workers", "2"), ("--workers", "2", "--cluster", address))
    ]
    assert shown[0]["nulls"] == shown[1]["nulls"] == shown[2]["nulls"]
    found = shown[0]["nulls"]["degree_hard"]["diagnostics"]
    assert (found["chains"], found["samples"], found["converged"]) == (2, 50, None)
    assert "diagnostics" not in shown[0]["nulls"]["degree"]
    assert "diagnostics" not in shown[0]["provenance"]
    refused = run(*base, "--cluster", "here")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert run("run", "--cluster", "here", "--json").exit_code == 2
