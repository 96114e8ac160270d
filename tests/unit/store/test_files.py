"""Files appear whole or not at all."""

import pytest

from store.files import staged_folder, write_text


def test_text_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "deep" / "latest"
    write_text(path, "one")
    write_text(path, "zwei é\n")
    assert path.read_text(encoding="utf-8") == "zwei é\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["latest"]


def test_staged_folder_vanishes_unless_moved(tmp_path):
    with staged_folder(tmp_path) as folder:
        (folder / "a").write_text("x")
        folder.rename(tmp_path / "kept")
    assert (tmp_path / "kept" / "a").read_text() == "x"
    with pytest.raises(FileNotFoundError), staged_folder(tmp_path) as folder:
        (folder / "missing").rename(tmp_path / "other")
    assert list((tmp_path / ".staging").iterdir()) == []
