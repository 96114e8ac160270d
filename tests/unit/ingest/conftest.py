"""Files in a temporary directory, as readers see them."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest


@dataclass
class Folder:
    """What readers use of `SourceFiles`."""

    root: Path

    @property
    def names(self):
        return tuple(sorted(path.name for path in self.root.iterdir()))

    def path(self, name):
        return self.root / name

    def open(self, name) -> BinaryIO:
        return (self.root / name).open("rb")

    def write(self, name, content):
        if isinstance(content, bytes):
            (self.root / name).write_bytes(content)
        else:
            (self.root / name).write_text(content, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)
