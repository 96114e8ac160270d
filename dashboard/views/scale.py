"""Scales: from values to pixels and colours."""

from __future__ import annotations

import base64
import io
import math
from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@cache
def _cividis() -> npt.NDArray[np.uint8]:
    """Return the map `cividis` at 256 steps, shape (256, 3); it reads the same in greyscale."""
    from plotly.colors import sequential

    anchors = np.array(
        [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in sequential.Cividis], float
    )
    steps = np.linspace(0, len(anchors) - 1, 256)
    return np.column_stack(
        [np.interp(steps, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    ).astype(np.uint8)


def colour(share: float) -> str:
    """Colour of a value scaled to 0 … 1."""
    red, green, blue = _cividis()[round(min(1.0, max(0.0, share)) * 255)]
    return f"#{red:02x}{green:02x}{blue:02x}"


def ink_on(share: float) -> str:
    """Colour of text that is readable on `colour(share)`."""
    return "#ffffff" if share < 0.55 else "#101010"


def raster(shares: FloatArray) -> str:
    """Draw values scaled to 0 … 1 (shape (rows, columns)) as a PNG in a data address."""
    from PIL import Image

    indices = (np.clip(shares, 0.0, 1.0) * 255).round().astype(np.uint8)
    image = Image.fromarray(indices)
    image.putpalette(_cividis().tobytes())
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def nice_step(span: float, most: int) -> float:
    """Step of 1, 2 or 5 times a power of ten that divides `span` into at most `most` parts."""
    if span <= 0:
        return 1.0
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999999)
