"""Cases are read once per run."""

import pytest

from schemas.errors import SourceUnavailable
from tests.contract.ingest.cases import MIRRORED, make_case, unavailable


@pytest.fixture(scope="session")
def make(request, download_cache, tmp_path_factory):
    """Return a function from a format to its case."""
    made = {}

    def get(name):
        if name not in made:
            mirror = request.getfixturevalue("mirror") if name in MIRRORED else None
            scratch = tmp_path_factory.mktemp("cases")
            try:
                made[name] = make_case(name, download_cache, mirror, scratch)
            except SourceUnavailable as missing:
                unavailable(missing)
        return made[name]

    return get
