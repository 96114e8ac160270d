"""Things by name: found in their modules, in order, and a wrong name says the right one."""

import sys

import pytest

from schemas.errors import UsageError
from schemas.registry import Registry, modules_of, nearest


def filled(order=None, **given: int):
    def look():
        for name, thing in given.items():
            registry.add(name, thing, "here")

    registry = Registry("bird", look, order)
    return registry


def test_names_are_in_order():
    assert list(filled(b=1, a=2, c=0).all().items()) == [("a", 2), ("b", 1), ("c", 0)]
    assert list(filled(lambda size: size, b=1, a=2, c=0, d=1).all()) == ["c", "b", "d", "a"]


def test_a_wrong_name_lists_the_right_ones_and_the_nearest():
    birds = filled(sparrow=1, swallow=2, rook=3)
    assert birds.get("rook") == 3
    with pytest.raises(UsageError) as refused:
        birds.get("swalow")
    assert refused.value.message == "no bird is called 'swalow'"
    assert refused.value.remedy == "did you mean swallow? there are rook, sparrow, swallow"
    with pytest.raises(UsageError) as refused:
        birds.get("crane")
    assert refused.value.remedy == "there are rook, sparrow, swallow"


def test_it_looks_once_and_again_only_after_a_failure():
    looks = []

    def look():
        looks.append(1)
        if len(looks) == 1:
            raise ImportError("a broken module")
        registry.add("rook", 3, "here")

    registry = Registry("bird", look)
    with pytest.raises(ImportError):
        registry.get("rook")
    assert [registry.get("rook"), registry.get("rook")] == [3, 3]
    assert len(looks) == 2


def test_two_modules_cannot_have_one_name_but_one_may_be_loaded_anew():
    birds = filled(rook=3)
    birds.add("rook", 4, "here")
    with pytest.raises(ValueError, match="here and there both make a bird 'rook'"):
        birds.add("rook", 5, "there")


def test_modules_of_a_package_are_imported(tmp_path, monkeypatch):
    package = tmp_path / "aviary"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "rook.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        modules_of("aviary")()
        assert "aviary.rook" in sys.modules
        modules_of("aviary.rook")()  # a module alone has none
    finally:
        for name in ("aviary", "aviary.rook"):
            sys.modules.pop(name, None)


def test_nearest_gives_the_likeliest_first():
    known = ["worm-1/neurons", "worm-2/neurons", "larva/brain"]
    assert nearest("worm-2/neuron", known, most=2)[0] == "worm-2/neurons"
    assert nearest("zzz", known) == []
