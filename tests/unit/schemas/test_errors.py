"""Errors are whole, also after a journey between processes."""

import pickle

import pytest

from schemas.errors import InputError, IsocortexError, Problem, ServerError, UsageError

PROBLEM = Problem(
    file="edges.csv",
    row=4812,
    column="weight",
    what="found '2.5'",
    expected="a positive whole number",
    remedy="round it",
)


def test_problem_names_everything():
    assert str(PROBLEM) == (
        "edges.csv, row 4,812, column 'weight': found '2.5'; expected a positive whole number\n"
        "  → round it"
    )


def test_only_some_problems_are_listed_but_all_are_counted():
    error = InputError([PROBLEM, PROBLEM], found=12)
    assert str(error).endswith("… and 10 more")
    assert error.as_dict()["found"] == 12


@pytest.mark.parametrize(
    "error",
    [UsageError("no", remedy="yes"), ServerError("down"), InputError([PROBLEM], found=3)],
)
def test_errors_travel_between_processes(error):
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is type(error)
    assert str(there) == str(error)
    assert vars(there) == vars(error)
    assert there.exit_code == error.exit_code


def test_an_input_error_needs_a_problem():
    with pytest.raises(ValueError, match="at least one"):
        InputError([])


def test_failure_is_one_and_wrong_input_is_two():
    assert (IsocortexError.exit_code, InputError.exit_code, UsageError.exit_code) == (1, 2, 2)
