"""Where state lives follows from the environment alone."""

from pathlib import Path

import pytest

from isocortex.settings import Settings
from schemas.errors import UsageError


def test_home_and_its_parts(tmp_path):
    settings = Settings.from_environment({"ISOCORTEX_HOME": str(tmp_path)})
    assert settings.home == tmp_path
    assert (settings.lake, settings.cache, settings.server) == (
        tmp_path / "lake",
        tmp_path / "cache",
        tmp_path / "server",
    )
    assert settings.neo4j_uri is None
    assert settings.mirror is None


def test_default_home_is_the_platforms_and_nothing_is_made():
    settings = Settings.from_environment({})
    assert settings.home.name == "isocortex"
    assert settings.home.is_absolute()


def test_home_is_expanded_and_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"ISOCORTEX_HOME": "~/x"}).home == tmp_path / "x"
    assert Settings.from_environment({"ISOCORTEX_HOME": "y"}).home == tmp_path / "y"


def test_server_of_ones_own():
    settings = Settings.from_environment(
        {"NEO4J_URI": "bolt://lab:7687", "NEO4J_USER": "me", "NEO4J_PASSWORD": "p"}
    )
    assert (settings.neo4j_uri, settings.neo4j_user) == ("bolt://lab:7687", "me")
    assert (settings.neo4j_password, settings.neo4j_database) == ("p", "neo4j")


def test_empty_variables_count_as_absent():
    settings = Settings.from_environment(
        {"ISOCORTEX_HOME": "", "ISOCORTEX_MIRROR": "", "NEO4J_URI": ""}
    )
    assert settings.mirror is None
    assert settings.neo4j_uri is None
    assert settings.home != Path()


def test_mirror_must_be_a_directory(tmp_path):
    with pytest.raises(UsageError, match="ISOCORTEX_MIRROR"):
        Settings.from_environment({"ISOCORTEX_MIRROR": str(tmp_path / "absent")})
