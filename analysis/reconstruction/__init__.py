"""Errors of a reconstruction: what they do to a circuit, to its motif effects, and what undoes it.

`errors` makes errors of known size, `stated` derives the size of a dataset's own errors from its
manifest, `kernel` and `simex` take missed and spurious connections back out of an effect,
`correction` says which of them holds where, and `curve` follows an effect over levels of error.
"""

from __future__ import annotations
