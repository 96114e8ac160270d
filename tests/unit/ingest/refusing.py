"""What every refusal of a bad file has in common."""

import time
import tracemalloc

import pytest

from schemas.errors import InputError
from tests.reading import prepare_file

BIG = 864_691_136_000_000_001
MEMORY, SECONDS = 300_000_000, 10


def rejected(path, neurons=None):
    """Prepare a bad file; return the first problem after checking what every error must have."""
    before = {p: p.stat().st_mtime_ns for p in path.parent.rglob("*")}
    started = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            prepare_file(path, neurons)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < SECONDS
    assert {p: p.stat().st_mtime_ns for p in path.parent.rglob("*")} == before
    for problem in caught.value.problems:
        assert problem.file in {str(path), str(neurons)}
        assert problem.expected
        assert problem.remedy
    return caught.value.problems[0]
