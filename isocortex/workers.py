"""Who draws the batches of an ensemble: this process, processes beside it, or a cluster.

The numbers do not depend on it (`analysis.nulls.ensembles`). Workers are started when there is
enough to do for them, and end with the context.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from schemas.errors import UsageError, WorkersUnavailable

if TYPE_CHECKING:
    from analysis.circuit import Circuit

MOST_WORKERS = 4  # unless more are asked for
WORTH_STARTING = 5.0  # seconds of work: processes are there after one and a half
CONNECTING = 6.0  # seconds


class Crew(NamedTuple):
    """An executor as `analysis.nulls.ensembles.sample_ensemble` takes it."""

    executor: Executor | None = None
    shipped: Any = None
    at_once: int | None = None
    lost: tuple[type[BaseException], ...] = ()  # errors that mean that a worker is gone


class Workers:
    """None but the process itself; the base of all others."""

    def crew(self, circuit: Circuit, seconds: float) -> Crew:
        """Return who draws of a circuit.

        Parameters
        ----------
        circuit : Circuit
        seconds : float
            What it takes one process, roughly.
        """
        return Crew()

    def close(self) -> None:
        """End the workers; what they have not begun is not begun any more."""

    def __enter__(self) -> Self:
        """Return the workers; they start when they are needed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers."""
        self.close()


class GivenExecutor(Workers):
    """An executor of somebody else, who also ends it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def crew(self, circuit: Circuit, seconds: float) -> Crew:
        """Use the executor; the circuit goes with every batch."""
        return Crew(self._executor)


class LocalWorkers(Workers):
    """Processes of this machine, each with one BLAS and one numba thread.

    Parameters
    ----------
    number : int or None
        Processes; None = as many as there are processors, at most 4, and none for little work.
    """

    def __init__(self, number: int | None) -> None:
        self._number = number or min(MOST_WORKERS, processors())
        self._least = WORTH_STARTING if number is None else 0.0
        self._pool: ProcessPoolExecutor | None = None
        self._circuit: Circuit | None = None

    def crew(self, circuit: Circuit, seconds: float) -> Crew:
        """Use the processes that hold the circuit; start them if there are none."""
        from analysis.nulls.ensembles import HELD

        if self._number == 1 or seconds < self._least:
            return Crew()
        if self._pool is None or self._circuit is not circuit:
            self.close()
            # spawn: a forked child would inherit the driver's sockets and threads
            self._pool = ProcessPoolExecutor(
                self._number, multiprocessing.get_context("spawn"), _begin, (circuit,)
            )
            self._circuit = circuit
            with _deaf():
                self._pool.submit(processors)  # all of them are started now
        return Crew(self._pool, HELD, 2 * self._number)

    def close(self) -> None:
        """End the processes, each after the batch that it has."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._circuit = None


class ClusterWorkers(Workers):
    """Workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as `tcp://host:8786`.
    at_once : int or None
        Most batches that are there at a time.
    least : float
        Seconds of work that are worth sending.
    """

    def __init__(self, address: str, at_once: int | None = None, least: float = 0.0) -> None:
        self._address, self._at_once, self._least = address, at_once, least
        self._client: Any = None
        self._shipped: tuple[Circuit, Any] | None = None

    def connect(self) -> Any:
        """Return the client of the scheduler.

        Raises
        ------
        UsageError
            If dask.distributed is not installed, or the address is none.
        WorkersUnavailable
            If no scheduler answers, it has no workers, or they have another isocortex.
        """
        if self._client is None:
            client = _client(self._address)
            try:
                _check_workers(client, self._address)
            except BaseException:
                client.close()
                raise
            self._client = client
        return self._client

    def crew(self, circuit: Circuit, seconds: float) -> Crew:
        """Use the cluster; the circuit is sent to each of its workers once."""
        if seconds < self._least:
            return Crew()
        client = self.connect()
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker

        lost = (KilledWorker, CommClosedError, FutureCancelledError)
        if self._shipped is None or self._shipped[0] is not circuit:
            self._shipped = circuit, client.scatter(circuit, broadcast=True, hash=False)
        return Crew(client.get_executor(pure=False), self._shipped[1], self._at_once, lost)

    def close(self) -> None:
        """Leave the cluster."""
        self._shipped = None
        if self._client is not None:
            self._client.close()
        self._client = None


def chosen_workers(
    number: int | None = None, cluster: str | None = None, executor: Executor | None = None
) -> Workers:
    """Return the workers that a user asked for.

    Parameters
    ----------
    number : int, optional
        Processes of this machine, or batches that a cluster has at a time.
    cluster : str, optional
        Address of a Dask scheduler.
    executor : Executor, optional
        An executor of the user's own.

    Raises
    ------
    UsageError
        If an executor is given beside the others.
    """
    if executor is not None:
        if number is not None or cluster is not None:
            raise UsageError(
                "an executor is given, and workers or a cluster besides",
                remedy="give one of them",
            )
        return GivenExecutor(executor)
    return LocalWorkers(number) if cluster is None else ClusterWorkers(cluster, number)


def notebook_workers(
    number: int | None = None, cluster: str | None = None, executor: Executor | None = None
) -> Workers:
    """Return the workers that a notebook asked for: where none are, the process itself."""
    if number is None and cluster is None and executor is None:
        return Workers()
    return chosen_workers(number, cluster, executor)


def processors() -> int:
    """Return the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def bound_threads() -> None:
    """One BLAS and one numba thread per worker: the workers are the parallelism."""
    import numba
    from threadpoolctl import threadpool_limits

    for library in ("OMP", "OPENBLAS", "MKL"):  # those that are loaded later
        os.environ[f"{library}_NUM_THREADS"] = "1"
    numba.set_num_threads(1)  # may load a library of threads, so it comes first
    threadpool_limits(limits=1)


def follow_parent() -> None:
    """Leave when the process that gathers is gone: if killed, it tells its workers nothing."""

    def follow(parent: BaseProcess) -> None:
        parent.join()
        os._exit(1)

    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=follow, args=(parent,), daemon=True).start()


@contextmanager
def _deaf() -> Iterator[None]:
    """Start processes to which Ctrl-C means nothing from their first moment on.

    An ignored signal stays ignored in a new process. Only the main thread may set it; in others a
    process is deaf as soon as it has begun.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(circuit: Circuit) -> None:
    from analysis.nulls.ensembles import hold

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gathers
    follow_parent()
    bound_threads()
    hold(circuit)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "a cluster needs dask.distributed, which is not installed",
            remedy="pip install 'isocortex[cluster]'",
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # errors are ours to tell
    # A client that finds no scheduler is slow to give up; so knock first.
    with ThreadPoolExecutor(1) as outside:  # a notebook runs a loop in its own thread
        try:
            outside.submit(asyncio.run, _knock(address)).result()
        except (ValueError, TypeError) as failure:
            raise UsageError(
                f"{address!r} is no address of a Dask scheduler: {failure}",
                remedy="give it as tcp://HOST:8786",
            ) from None
        except Exception as failure:  # whatever another service makes of it
            raise WorkersUnavailable(
                f"no Dask scheduler answers at {address}: {str(failure) or 'time is up'}",
                remedy="start one with `dask scheduler` and give the address that it prints",
            ) from None
    return Client(address, timeout=CONNECTING, set_as_default=False)


async def _knock(address: str) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    how = Security().get_connection_args("client")
    # Its own limit does not hold where somebody listens and says nothing.
    comm = await asyncio.wait_for(connect(address, timeout=CONNECTING, **how), CONNECTING + 1)
    await comm.close()


def _check_workers(client: Any, address: str) -> None:
    """Refuse a cluster whose workers are none, or would give other numbers."""
    from analysis import code_version

    if not client.scheduler_info()["workers"]:
        raise WorkersUnavailable(
            f"the scheduler at {address} has no workers",
            remedy=f"start some: `dask worker {address} --nworkers 4 --nthreads 1`",
        )
    here = code_version()
    for worker, there in client.run(code_version, on_error="return").items():
        if there != here:
            has = f"with the code {there}" if isinstance(there, str) else f"that fails: {there}"
            raise WorkersUnavailable(
                f"the worker {worker} has an isocortex {has}; here it is {here}",
                remedy="install the same isocortex on all workers, and start them again",
            )
