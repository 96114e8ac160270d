"""From errors to exit codes: 0 done, 1 failed, 2 wrong usage or input, 130 interrupted."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from schemas.errors import InputError, IsocortexError

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130


def as_dict(error: IsocortexError) -> dict[str, Any]:
    """Machine-readable form of an error, for `--json`."""
    body: dict[str, Any] = {"error": type(error).__name__, "message": error.message}
    if error.remedy:
        body["remedy"] = error.remedy
    if isinstance(error, InputError):
        body |= error.as_dict()
    return body


def show(error: IsocortexError, console: Console, *, as_json: bool) -> int:
    """Print `error` on the error stream and return the exit code that goes with it."""
    if as_json:
        console.print(json.dumps(as_dict(error)), markup=False, highlight=False, soft_wrap=True)
    else:
        console.print(Text("error ", style="bold red"), Text(str(error)), sep="", soft_wrap=True)
    return error.exit_code
