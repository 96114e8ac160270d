"""Numbers as people read them: three significant digits, thin spaces, a dash where none is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

THIN = "\u2009"
MINUS = "\u2212"
DASH = "–"
_LARGEST = 1e15  # beyond, digits of a float are no longer its own


def number(value: Any, digits: int = 3) -> str:
    """Format a number for people.

    Parameters
    ----------
    value : number or None
        None, nan and infinities become a dash.
    digits : int, optional
        Significant digits of what is not whole.

    Returns
    -------
    str
        Thousands separated by thin spaces, a true minus sign.
    """
    if value is None or isinstance(value, str):
        return DASH if not value else str(value)
    try:
        given = float(value)
    except (TypeError, ValueError):
        return DASH
    if not math.isfinite(given):
        return DASH
    if isinstance(value, int | np.integer):
        return _signed(f"{value:,}")
    if given.is_integer() and abs(given) < _LARGEST:
        return _signed(f"{int(given):,}")
    if abs(given) >= _LARGEST or abs(given) < 10.0 ** (-digits - 1):
        return _scientific(given, digits)
    size = math.floor(math.log10(abs(given)))
    rounded = round(given, digits - 1 - size)
    if abs(rounded) >= 10.0 ** (size + 1):  # 9.996 is 10.0, not 10.00
        size += 1
    return _signed(f"{rounded:,.{max(0, digits - 1 - size)}f}")


def signed(value: Any, digits: int = 3) -> str:
    """Format an effect: like `number`, with a plus sign where it is positive."""
    text = number(value, digits)
    positive = isinstance(value, int | float | np.number) and bool(0 < value < math.inf)
    return f"+{text}" if positive else text


def effect(value: Any, decimals: int = 3) -> str:
    """Format a log₂ effect: signed, three significant digits, no more than `decimals` places.

    An effect is read on an axis on which thousandths cannot be told apart.
    """
    if value is None or not math.isfinite(value):
        return DASH
    size = math.floor(math.log10(abs(value))) if value else 0
    places = max(0, min(decimals, 2 - size))
    text = f"{value:+.{places}f}"
    return _signed(text if float(text) else text[1:])


def percent(value: Any) -> str:
    """Format a share as a percentage."""
    text = number(None if value is None else float(value) * 100)
    return text if text == DASH else f"{text}{THIN}%"


def size(bytes_: int) -> str:
    """Format a number of bytes."""
    amount = float(bytes_)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{number(amount)}{THIN}{unit}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 circuit`, `2 circuits`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return _signed(f"{mantissa}{THIN}×{THIN}10{raised}")


def _signed(text: str) -> str:
    return text.replace(",", THIN).replace("-", MINUS)
