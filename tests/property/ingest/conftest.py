"""Cases of the reader contract."""

from tests.contract.ingest.conftest import make

__all__ = ["make"]
