"""Instruction sequences of the 4-node kernels, in LLVM's vector language.

As in `analysis.motifs.vectors`, rows are blocks of eight 64-bit words. Here a row has three parts,
one for each state of a pair, and all nine combinations of two rows are counted at once.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from analysis.compiled import instruction
from analysis.motifs.vectors import I32, I64, ROW, WORDS, full_adder, load_row, row_counts

GROUP = 7  # rows added up before bits are counted
ROW_BYTES = 8 * WORDS
PARTS = 3

_BYTES = ir.VectorType(ir.IntType(8), 64)


def _constant(value: int) -> Any:
    return ir.Constant(I64, value)


def _all_integers(*kinds: Any) -> bool:
    return all(isinstance(kind, types.Integer) for kind in kinds)


@instruction
def equal_bytes(_context: Any, address: Any, value: Any) -> Any:
    """Word whose bit b says whether byte b at the address equals the value."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        address, value = arguments
        found = builder.load(builder.inttoptr(address, _BYTES.as_pointer()), align=1)
        byte = builder.trunc(value, ir.IntType(8))
        one = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), byte, ir.Constant(I32, 0))
        order = ir.Constant(ir.VectorType(I32, 64), [0] * 64)
        everywhere = builder.shuffle_vector(one, ir.Constant(_BYTES, ir.Undefined), order)
        return builder.bitcast(builder.icmp_unsigned("==", found, everywhere), I64)

    if not _all_integers(address, value):
        return None
    return types.uint64(types.uint64, types.uint64), generate


@instruction
def extend_triangles(
    _context: Any, row: Any, rows: Any, places: Any, groups: Any, sums: Any
) -> Any:
    """Add to sums[y][z] the bits that part y of `row` shares with part z of rows[p], over places p.

    Arguments are unsigned addresses: of a row of three parts, of an array of them, of `GROUP` ·
    `groups` 32-bit places; the number of groups; the address of nine blocks of eight sums.
    """

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row, rows, places, groups, sums = arguments
        fixed = [load_row(builder, _plus(builder, row, ROW_BYTES * y)) for y in range(PARTS)]
        held = [load_row(builder, _plus(builder, sums, ROW_BYTES * c)) for c in range(PARTS**2)]
        before = builder.block
        body, after = builder.append_basic_block("group"), builder.append_basic_block("added")
        builder.cbranch(builder.icmp_signed(">", groups, _constant(0)), body, after)
        builder.position_at_end(body)
        turn = builder.phi(I64)
        turn.add_incoming(_constant(0), before)
        running = [builder.phi(ROW) for _ in held]
        for phi, start in zip(running, held, strict=True):
            phi.add_incoming(start, before)
        first = builder.add(places, builder.mul(turn, _constant(4 * GROUP)))
        addresses = []
        for q in range(GROUP):
            where = builder.inttoptr(_plus(builder, first, 4 * q), I32.as_pointer())
            place = builder.zext(builder.load(where, align=4), I64)
            offset = builder.mul(place, _constant(ROW_BYTES * PARTS))
            addresses.append(builder.add(rows, offset))
        totals = list(running)
        for z in range(PARTS):
            seven = [load_row(builder, _plus(builder, a, ROW_BYTES * z)) for a in addresses]
            one, carry = full_adder(builder, *seven[:3])
            other, carried = full_adder(builder, *seven[3:6])
            ones, last = full_adder(builder, one, other, seven[6])
            digits = [ones, *full_adder(builder, carry, carried, last)]
            for y in range(PARTS):
                shared = [builder.and_(fixed[y], digit) for digit in digits]
                c = PARTS * y + z
                totals[c] = builder.add(totals[c], row_counts(builder, shared))
        following = builder.add(turn, _constant(1))
        turn.add_incoming(following, body)
        for phi, total in zip(running, totals, strict=True):
            phi.add_incoming(total, body)
        builder.cbranch(builder.icmp_signed("<", following, groups), body, after)
        builder.position_at_end(after)
        for c, (start, total) in enumerate(zip(held, totals, strict=True)):
            result = builder.phi(ROW)
            result.add_incoming(start, before)
            result.add_incoming(total, body)
            held[c] = result
        for c, result in enumerate(held):
            target = builder.inttoptr(_plus(builder, sums, ROW_BYTES * c), ROW.as_pointer())
            builder.store(result, target, align=8)
        return builder.add(groups, _constant(0))

    if not _all_integers(row, rows, places, groups, sums):
        return None
    address = types.uint64
    return types.int64(address, address, address, types.int64, address), generate


@instruction
def nine_counts(_context: Any, row: Any, other: Any, blocks: Any, counts: Any) -> Any:
    """Write to counts[3x + y] the bits that part x of one row shares with part y of the other.

    Arguments are unsigned addresses of rows, [block][part][word]; the number of blocks, at least
    1; and the address of nine 64-bit floating-point numbers.
    """

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row, other, blocks, counts = arguments
        before = builder.block
        body, after = builder.append_basic_block("block"), builder.append_basic_block("counted")
        builder.branch(body)
        builder.position_at_end(body)
        turn = builder.phi(I64)
        turn.add_incoming(_constant(0), before)
        running = [builder.phi(ROW) for _ in range(PARTS**2)]
        for phi in running:
            phi.add_incoming(ir.Constant(ROW, [0] * WORDS), before)
        offset = builder.mul(turn, _constant(ROW_BYTES * PARTS))
        first, second = builder.add(row, offset), builder.add(other, offset)
        mine = [load_row(builder, _plus(builder, first, ROW_BYTES * x)) for x in range(PARTS)]
        yours = [load_row(builder, _plus(builder, second, ROW_BYTES * y)) for y in range(PARTS)]
        totals = []
        for c, phi in enumerate(running):
            shared = builder.and_(mine[c // PARTS], yours[c % PARTS])
            totals.append(builder.add(phi, row_counts(builder, [shared])))
        following = builder.add(turn, _constant(1))
        turn.add_incoming(following, body)
        for phi, total in zip(running, totals, strict=True):
            phi.add_incoming(total, body)
        builder.cbranch(builder.icmp_signed("<", following, blocks), body, after)
        builder.position_at_end(after)
        name = f"llvm.vector.reduce.add.v{WORDS}i64"
        module = builder.module
        add_up = module.globals.get(name) or ir.Function(module, ir.FunctionType(I64, [ROW]), name)
        double = ir.DoubleType()
        for c, total in enumerate(totals):
            count = builder.sitofp(builder.call(add_up, [total]), double)
            target = builder.inttoptr(_plus(builder, counts, 8 * c), double.as_pointer())
            builder.store(count, target, align=8)
        return builder.add(blocks, _constant(0))

    if not _all_integers(row, other, blocks, counts):
        return None
    return types.int64(types.uint64, types.uint64, types.int64, types.uint64), generate


@instruction
def add_counters(_context: Any, totals: Any, counters: Any) -> Any:
    """Add sixteen 16-bit counters to sixteen 32-bit totals; arguments are unsigned addresses."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        narrow, wide = (ir.VectorType(ir.IntType(bits), 16) for bits in (16, 32))
        target = builder.inttoptr(arguments[0], wide.as_pointer())
        source = builder.inttoptr(arguments[1], narrow.as_pointer())
        more = builder.zext(builder.load(source, align=2), wide)
        builder.store(builder.add(builder.load(target, align=4), more), target, align=4)
        return _constant(0)

    if not _all_integers(totals, counters):
        return None
    return types.int64(types.uint64, types.uint64), generate


def _plus(builder: Any, address: Any, offset: int) -> Any:
    return builder.add(address, _constant(offset)) if offset else address
