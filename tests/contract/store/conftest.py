"""The server and the graph that the contracts of the store are held to."""

from tests.integration.store.conftest import graph, lent, server

__all__ = ["graph", "lent", "server"]
