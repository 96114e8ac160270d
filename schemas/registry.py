"""Things of one kind, found by name: nulls, statistics, formats, kinds of error, pages.

Whoever has things of a kind keeps one `Registry` of them, which the modules that make them add to.
It looks for those modules when it is first asked.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from schemas.errors import UsageError

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind by name.

    Parameters
    ----------
    kind : str
        What one of them is called in messages.
    look : callable
        Makes those who have such things add them; called once, before the first answer.
    order : callable, optional
        Thing → what it is sorted by; default its name.
    """

    def __init__(
        self, kind: str, look: Callable[[], None], order: Callable[[T], Any] | None = None
    ) -> None:
        self._kind, self._look, self._order = kind, look, order
        self._found: dict[str, T] = {}
        self._places: dict[str, str] = {}
        self._looked = False

    def add(self, name: str, thing: T, place: str) -> None:
        """Keep a thing under its name.

        Parameters
        ----------
        name : str
        thing : object
        place : str
            Module that makes it, which may do so again when it is loaded anew.

        Raises
        ------
        ValueError
            If another module has given the name away.
        """
        before = self._places.setdefault(name, place)
        if before != place:
            raise ValueError(f"{before} and {place} both make a {self._kind} {name!r}")
        self._found[name] = thing

    def all(self) -> dict[str, T]:
        """All things by name, in order."""
        if not self._looked:
            self._look()
            self._looked = True
        order = self._order
        if order is None:
            return dict(sorted(self._found.items()))
        return dict(sorted(self._found.items(), key=lambda item: (order(item[1]), item[0])))

    def get(self, name: str) -> T:
        """Return a thing by name.

        Raises
        ------
        UsageError
            If there is none; it lists those there are, the nearest first.
        """
        found = self.all()
        if name not in found:
            raise unknown(self._kind, name, found)
        return found[name]


def modules_of(name: str) -> Callable[[], None]:
    """Return a function that imports a module and, if it is a package, all of its modules."""

    def look() -> None:
        found = importlib.import_module(name)
        for module in pkgutil.iter_modules(getattr(found, "__path__", ())):
            importlib.import_module(f"{name}.{module.name}")

    return look


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Write the error of a name that nothing has.

    Parameters
    ----------
    kind : str
        What things of such names are called.
    name : str
        The one that was asked for.
    known : iterable of str
        All that there are, in order.
    """
    names = list(known)
    near = nearest(name, names)
    hint = f"did you mean {near[0]}? " if near else ""
    return UsageError(f"no {kind} is called {name!r}", remedy=f"{hint}there are {', '.join(names)}")


def nearest(name: str, known: Iterable[str], most: int = 1, least: float = 0.6) -> list[str]:
    """Return the known names that a mistyped one is likely to mean, the likeliest first."""
    import difflib

    return difflib.get_close_matches(name, sorted(set(known)), n=most, cutoff=least)
