"""Whatever happens to a file on its way: tables or an InputError, in bounded time."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.job import finish
from schemas.errors import InputError
from tests.contract.ingest.cases import params

EXAMPLES = 12
SECONDS = 10  # a real file takes 2 at most
damage = st.lists(
    st.tuples(
        st.sampled_from(("cut", "bits", "remove", "repeat", "zeros", "bytes")),
        st.floats(0, 1),
        st.integers(1, 300),
        st.binary(min_size=1, max_size=16),
    ),
    min_size=1,
    max_size=4,
)


def damaged(content, steps):
    """Apply accidents at relative places; half of them fall into the first 4 KB."""
    made = bytearray(content)
    for kind, where, length, chosen in steps:
        span = min(len(made), 4_096) if length % 2 else len(made)
        place = int(where * max(span - 1, 0))
        if kind == "cut":
            del made[place:]
        elif kind == "bits" and made:
            made[place] ^= 1 << length % 8
        elif kind == "remove":
            del made[place : place + length]
        elif kind == "repeat":
            made[place:place] = made[place : place + length]
        elif kind == "zeros":
            made[place : place + length] = bytes(len(made[place : place + length]))
        else:
            made[place : place + len(chosen)] = chosen
    return bytes(made)


@pytest.mark.parametrize("name", params())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=damage, which=st.integers(0, 9))
def test_damaged_files(make, name, steps, which):
    case = make(name)
    refusal = None
    file = list(case.files)[which % len(case.files)]
    started = time.process_time()
    try:
        raw = case.read({**case.files, file: damaged(case.files[file], steps)})
        finish(raw, case.manifest.model_copy(update={"expected": None}), [])
    except InputError as error:
        refusal = error
    assert refusal is None or refusal.problems
    assert time.process_time() - started < SECONDS


cells = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(repr),
    st.text(max_size=8),
    st.sampled_from(["", " ", "nan", "NULL", "true", '"', "'", "1,2", "\n", "#", "=1+1", "0x10"]),
)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(cells, max_size=4), max_size=6),
    header=st.sampled_from(["pre,post,weight", "pre,post", "id,x", "", "pre;post;weight", '"pre']),
    end=st.sampled_from(["\n", "\r\n", "\r", ""]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_any_text(rows, header, end, encoding):
    from ingest.readers import SourceFiles, get_reader

    text = end.join([header, *(",".join(row) for row in rows)]) + end
    content = text.encode(encoding, errors="replace")
    problems = ()
    try:
        raw = get_reader("edge_list")(SourceFiles({"e.csv": content}), {"connections": "e.csv"})
    except InputError as error:
        problems = error.problems
        as_promised = all(problem.file == "e.csv" for problem in problems)
    else:
        as_promised = bool((raw.connections["weight"] > 0).all())
    assert as_promised


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(1, 9)
        ),
        min_size=1,
        max_size=30,
    )
)
def test_edge_lists_come_back_exactly(rows):
    """Sums by pair of Python's own integers are the reference."""
    from collections import Counter

    from ingest.readers import SourceFiles, get_reader

    text = "pre,post,weight\n" + "".join(f"{a},{b},{w}\n" for a, b, w in rows)
    files = SourceFiles({"e.csv": text.encode()})
    raw = get_reader("edge_list")(files, {"connections": "e.csv"})
    sums = Counter()
    for a, b, w in rows:
        sums[a, b] += w
    found = Counter()
    for a, b, w in raw.connections.itertuples(index=False):
        found[int(a), int(b)] += int(w)
    assert found == sums
