"""A² and A³ of a circuit's matrix A, in whole numbers, exactly.

A row of A times a matrix is a sum of the matrix's rows. Where A is dense, sums of rows are taken
from tables (the method of four Russians: Arlazarov, Dinic, Kronrod & Faradzhev 1970): for every
`BITS` rows all 2^`BITS` sums are made once, and each row of the product then adds one of them
instead of up to `BITS` rows. Where A is sparse, rows are added one by one.

Both add lines of 64 bytes, which hold as many numbers as are as short as they can be: 64 of 8 bits
for A², 32 of 16 bits for A³. From tables, sums are moved to numbers of twice the length before the
largest of them could overflow; `TABLES` tables of one line's width stay in the first cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types

from analysis.circuit import Circuit
from analysis.compiled import instruction, kernel

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[Any]
Places = npt.NDArray[Any]

LINE = 64  # bytes
BITS = 5
SUMS = 1 << BITS
TABLES = 8
COLUMNS = BITS * TABLES  # of A, in one pass
CHUNK = 2_048  # rows whose sums stay in the second cache
STEP = 5.5e-9  # seconds, of one line of sums in one pass
ADDITION = 0.8e-9  # seconds, of adding one line that a neighbour points to

_I64 = ir.IntType(64)
_LINE = np.uint64(LINE)


def powers(circuit: Circuit) -> tuple[Whole, Whole]:
    """Compute A² and A³.

    Parameters
    ----------
    circuit : Circuit
        Of fewer than 65,535 neurons.

    Returns
    -------
    two, three : unsigned integers, shape (n, columns)
        Columns beyond n are there to fill lines, and zero.
    """
    places: Places
    if _table_seconds(circuit) < _neighbour_seconds(circuit):
        places = _subsets(circuit.indptr, circuit.indices)
        two = _from_tables(places, _linked(circuit, np.uint8))
        return two, _from_tables(places, two)
    starts, places = _listed(circuit.indptr, circuit.indices)
    largest = int(np.diff(circuit.indptr).max(initial=0))
    two = _from_neighbours(starts, places, _linked(circuit, _shortest(largest)))
    bound = _largest_sum(
        circuit.indptr, circuit.indices, two.max(axis=1, initial=0).astype(np.int64)
    )
    return two, _from_neighbours(starts, places, _of_type(two, _shortest(bound)))


def seconds(circuit: Circuit) -> float:
    """Estimate the time of `powers`."""
    return min(_table_seconds(circuit), _neighbour_seconds(circuit))


def _table_seconds(circuit: Circuit) -> float:
    n = circuit.n
    lines = n / 64 + n / 32
    return STEP * lines * (n + 4 * COLUMNS) * n / COLUMNS


def _neighbour_seconds(circuit: Circuit) -> float:
    lines = 2 * circuit.n / 32
    return ADDITION * lines * (circuit.m + TABLES / 2 * circuit.n)


def _shortest(largest: int) -> type[np.unsignedinteger[Any]]:
    """Return the shortest type that holds a number."""
    return np.uint8 if largest < 2**8 else np.uint16 if largest < 2**16 else np.uint32


def _lines(rows: int, columns: int, kind: Any) -> Whole:
    """Zeros whose rows are whole lines, the first at a multiple of a line in memory."""
    across = LINE // np.dtype(kind).itemsize
    width = -(-columns // across)
    memory = np.zeros((rows * width + 1) * LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    lines: Whole = memory[first : first + rows * width * LINE].view(kind)
    return lines.reshape(rows, width * across)


def _of_type(rows: Whole, kind: Any) -> Whole:
    """Return rows as numbers of another type, in whole lines of it."""
    if rows.dtype == kind:
        return rows
    n = rows.shape[0]
    copied = _lines(n, n, kind)
    copied[:, :n] = rows[:, :n]
    return copied


def _linked(circuit: Circuit, kind: Any) -> Whole:
    """Return A in whole lines."""
    rows = _lines(circuit.n, circuit.n, kind)
    _fill(circuit.indptr, circuit.indices, rows)
    return rows


def _from_tables(places: Places, rows: Whole) -> Whole:
    """Return A · rows, in numbers twice as long or of 32 bits."""
    n = rows.shape[0]
    kind = rows.dtype
    # A pass adds up to COLUMNS rows: where that could overflow already, start with longer numbers.
    while COLUMNS * int(rows.max(initial=0)) > np.iinfo(kind).max:
        kind = np.dtype(f"u{2 * kind.itemsize}")
    rows = _of_type(rows, kind)
    wide = _lines(n, n, f"u{min(4, 2 * kind.itemsize)}")
    across = LINE // kind.itemsize
    tables, narrow = _lines(TABLES * SUMS, across, kind), _lines(min(n, CHUNK), across, kind)
    _add_subsets(places, rows, wide, tables, narrow, np.iinfo(kind).max)
    return wide


def _from_neighbours(starts: Ints, places: Places, rows: Whole) -> Whole:
    """Return A · rows in their type, which is to hold it."""
    n = rows.shape[0]
    across = LINE // rows.itemsize
    product, block = _lines(n, n, rows.dtype), _lines(n + 1, across, rows.dtype)
    _add_neighbours(starts, places, rows, block, product)
    return product


@instruction
def _add_line(_context: Any, like: Any, target: Any, one: Any, other: Any) -> Any:
    """Write the sum of two lines; arguments are an array of their type and three addresses."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        line = _line_type(like)
        total = builder.add(*(_load(builder, address, line) for address in arguments[2:]))
        builder.store(total, builder.inttoptr(arguments[1], line.as_pointer()), align=LINE)
        return ir.Constant(_I64, 0)

    address = types.uint64
    return types.int64(like, address, address, address), generate


@instruction
def _add_chosen(_context: Any, like: Any, target: Any, lines: Any, places: Any, first: Any) -> Any:
    """Add to a line `TABLES` others.

    Arguments are an array of their type, the addresses of the line and of the lines to choose from,
    the array of places in these, and the place in that array where the choice begins.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        line = _line_type(like)
        _, target, lines, places, first = arguments
        chosen = context.make_array(signature.args[3])(context, builder, places)
        total = _load(builder, target, line)
        for step in range(TABLES):
            where = builder.add(first, ir.Constant(_I64, step))
            place = builder.zext(builder.load(builder.gep(chosen.data, [where])), _I64)
            offset = builder.mul(place, ir.Constant(_I64, LINE))
            total = builder.add(total, _load(builder, builder.add(lines, offset), line))
        builder.store(total, builder.inttoptr(target, line.as_pointer()), align=LINE)
        return ir.Constant(_I64, 0)

    address = types.uint64
    return types.int64(like, address, address, places, types.int64), generate


def _line_type(array: Any) -> Any:
    width = array.dtype.bitwidth
    return ir.VectorType(ir.IntType(width), 8 * LINE // width)


def _load(builder: Any, address: Any, line: Any) -> Any:
    return builder.load(builder.inttoptr(address, line.as_pointer()), align=LINE)


@kernel
def _fill(indptr: Ints, indices: npt.NDArray[np.int32], rows: Whole) -> None:
    for i in range(indptr.size - 1):
        for k in range(indptr[i], indptr[i + 1]):
            rows[i, indices[k]] = 1


@kernel
def _largest_sum(indptr: Ints, indices: npt.NDArray[np.int32], values: Ints) -> int:
    """Return the largest sum of values over the targets of one neuron."""
    largest = 0
    for i in range(indptr.size - 1):
        total = 0
        for k in range(indptr[i], indptr[i + 1]):
            total += values[indices[k]]
        largest = max(largest, total)
    return largest


@kernel
def _subsets(indptr: Ints, indices: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """Line of each table that holds the sum over a row's connections, [pass, row · table]."""
    n = indptr.size - 1
    turns = (n + COLUMNS - 1) // COLUMNS
    places = np.empty((turns, n * TABLES), np.uint8)
    empty = (np.arange(turns * TABLES) % TABLES * SUMS).astype(np.uint8)
    for i in range(n):
        mine = empty.copy()
        for k in range(indptr[i], indptr[i + 1]):
            j = np.uint32(indices[k])
            table = j // np.uint32(BITS)
            mine[table] += np.uint8(1) << np.uint8(j - table * np.uint32(BITS))
        for turn in range(turns):
            for t in range(TABLES):
                places[turn, i * TABLES + t] = mine[turn * TABLES + t]
    return places


@kernel
def _listed(indptr: Ints, indices: npt.NDArray[np.int32]) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """Where each list of targets starts, and the lists, padded to groups with n, the empty row."""
    n = indptr.size - 1
    starts = np.zeros(n + 1, np.int64)
    for i in range(n):
        starts[i + 1] = starts[i] + (indptr[i + 1] - indptr[i] + TABLES - 1) // TABLES * TABLES
    places = np.full(starts[n], n, np.uint16)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            places[starts[i] + k - indptr[i]] = indices[k]
    return starts, places


@kernel
def _add_subsets(
    places: Places, rows: Whole, wide: Whole, tables: Whole, narrow: Whole, most: int
) -> int:
    """Add A · rows to `wide`; `most` is the largest number that `narrow` holds."""
    n, across = rows.shape[0], narrow.shape[1]
    width = np.uint64(rows.shape[1] * rows.itemsize)
    first, sums = np.uint64(rows.ctypes.data), np.uint64(narrow.ctypes.data)
    lines = np.uint64(tables.ctypes.data)
    for block in range(rows.shape[1] // across):
        column = first + np.uint64(block) * _LINE
        for up in range(0, n, narrow.shape[0]):
            stop = min(n, up + narrow.shape[0])
            reached = 0
            for turn in range(places.shape[0]):
                largest = np.zeros(across, np.int64)
                for t in range(TABLES):
                    empty = lines + np.uint64(t * SUMS) * _LINE
                    filled = np.uint64(1)
                    for k in range(BITS):
                        row = turn * COLUMNS + t * BITS + k
                        if row < n:
                            more = column + np.uint64(row) * width
                            for s in range(filled):
                                sum_ = empty + np.uint64(s) * _LINE
                                _add_line(rows, sum_ + filled * _LINE, sum_, more)
                            filled <<= np.uint64(1)
                    for c in range(across):
                        largest[c] += tables[t * SUMS + np.int64(filled) - 1, c]
                if reached + largest.max() > most:
                    _move(narrow, wide, up, stop, block * across)
                    reached = 0
                reached += largest.max()
                for i in range(up, stop):
                    line = sums + np.uint64(i - up) * _LINE
                    _add_chosen(rows, line, lines, places, turn * n * TABLES + i * TABLES)
            _move(narrow, wide, up, stop, block * across)
    # Mentioned after the last use of their addresses: numba frees what is no longer needed.
    return rows.size + tables.size + narrow.size


@kernel
def _move(narrow: Whole, wide: Whole, up: int, stop: int, left: int) -> None:
    """Move sums of rows up … stop − 1 to where they do not overflow."""
    for i in range(stop - up):
        target = wide[up + i, left : left + narrow.shape[1]]
        for c in range(narrow.shape[1]):
            target[c] += narrow[i, c]
    narrow[:] = 0


@kernel
def _add_neighbours(starts: Ints, places: Places, rows: Whole, block: Whole, product: Whole) -> int:
    """Add A · rows to `product`, by columns of one line; `block` holds them and an empty row."""
    n, across = rows.shape[0], block.shape[1]
    width = np.uint64(rows.shape[1] * rows.itemsize)
    lines, sums = np.uint64(block.ctypes.data), np.uint64(product.ctypes.data)
    for left in range(0, rows.shape[1], across):
        for i in range(n):
            for c in range(across):
                block[i, c] = rows[i, left + c]
        for i in range(n):
            line = sums + np.uint64(i) * width + np.uint64(left * rows.itemsize)
            for k in range(starts[i], starts[i + 1], TABLES):
                _add_chosen(rows, line, lines, places, k)
    return rows.size + block.size + product.size
