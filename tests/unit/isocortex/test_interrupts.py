"""Ctrl-C gives 130, whatever the main thread was about to do."""

import pytest
import typer

from isocortex import cli, show
from schemas.errors import WorkersUnavailable


def close_again(failure):
    """Fail for being interrupted, as `shutil.rmtree` does between closing and noting it."""
    try:
        raise KeyboardInterrupt
    finally:
        raise failure


@pytest.mark.parametrize("failure", [OSError(9, "Bad file descriptor"), WorkersUnavailable("lost")])
def test_a_failure_for_being_interrupted_is_an_interrupt(failure, capsys):
    with pytest.raises(typer.Exit) as end, show.errors():
        close_again(failure)
    assert end.value.exit_code == 130
    assert capsys.readouterr().err == "interrupted; the same command resumes where it stopped\n"


def test_other_failures_stay_what_they_are():
    with pytest.raises(OSError, match="no space"), show.errors():
        raise OSError(28, "no space")
    with pytest.raises(typer.Exit) as end, show.errors():
        raise WorkersUnavailable("lost")
    assert end.value.exit_code == 1


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (EOFError, 1)])
def test_outside_of_the_commands_too(error, code, monkeypatch):
    def invoke(*_given: object, **_named: object):
        raise error

    monkeypatch.setattr(typer.core.TyperGroup, "invoke", invoke)
    monkeypatch.setattr("sys.argv", ["isocortex", "datasets"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == code
