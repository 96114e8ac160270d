"""One instruction sequence in LLVM's vector language: how many bits many pairs of rows share.

Rows are blocks of 512 bits. Fifteen ANDed rows at a time are summed bit by bit by full adders into
four binary digits (ones, twos, fours, eights), so that four population counts do for fifteen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba import types

from analysis.compiled import instruction

WORDS = 8  # 64-bit words of a block
GROUP = 15

I32, I64 = ir.IntType(32), ir.IntType(64)
ROW = ir.VectorType(I64, WORDS)
_COUNT = f"llvm.ctpop.v{WORDS}i64"


@instruction
def shared_bits(_context: Any, row: Any, rows: Any, places: Any, groups: Any) -> Any:
    """Bits that `row` and `rows[p]` share, summed over places p.

    Arguments are unsigned addresses: of a row, of an array of rows, of `GROUP` · `groups` 32-bit
    places; then the number of groups.
    """

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _loop(builder, *arguments)

    if not all(isinstance(kind, types.Integer) for kind in (row, rows, places, groups)):
        return None
    return types.int64(types.uint64, types.uint64, types.uint64, types.int64), generate


def _loop(builder: Any, row: Any, rows: Any, places: Any, groups: Any) -> Any:
    """Emit the loop over groups; every lane keeps its own sum until the end."""
    zero, none = ir.Constant(I64, 0), ir.Constant(ROW, [0] * WORDS)
    fixed = load_row(builder, row)
    before = builder.block
    body, after = builder.append_basic_block("group"), builder.append_basic_block("counted")
    builder.cbranch(builder.icmp_signed(">", groups, zero), body, after)
    builder.position_at_end(body)
    turn, sums = builder.phi(I64), builder.phi(ROW)
    turn.add_incoming(zero, before)
    sums.add_incoming(none, before)
    start = builder.add(places, builder.mul(turn, ir.Constant(I64, 4 * GROUP)))

    def shared() -> Iterator[Any]:
        for q in range(GROUP):
            address = builder.add(start, ir.Constant(I64, 4 * q))
            place = builder.load(builder.inttoptr(address, I32.as_pointer()), align=4)
            offset = builder.shl(builder.zext(place, I64), ir.Constant(I64, 6))  # 64 bytes a row
            yield builder.and_(fixed, load_row(builder, builder.add(rows, offset)))

    total = builder.add(sums, row_counts(builder, _digits(builder, shared())))
    following = builder.add(turn, ir.Constant(I64, 1))
    turn.add_incoming(following, body)
    sums.add_incoming(total, body)
    builder.cbranch(builder.icmp_signed("<", following, groups), body, after)
    builder.position_at_end(after)
    lanes = builder.phi(ROW)
    lanes.add_incoming(none, before)
    lanes.add_incoming(total, body)
    result = zero
    for lane in range(WORDS):
        result = builder.add(result, builder.extract_element(lanes, ir.Constant(I32, lane)))
    return result


def load_row(builder: Any, address: Any) -> Any:
    """Emit the load of one row."""
    return builder.load(builder.inttoptr(address, ROW.as_pointer()), align=8)


def full_adder(builder: Any, x: Any, y: Any, z: Any) -> tuple[Any, Any]:
    """Emit the sum and the carry of three rows, bit by bit."""
    either = builder.xor(x, y)
    carry = builder.or_(builder.and_(x, y), builder.and_(either, z))
    return builder.xor(either, z), carry


def _digits(builder: Any, inputs: Iterator[Any]) -> list[Any]:
    """Binary digits, lowest first, of the number of ones in each bit of fifteen inputs."""
    ones, twos = next(inputs), None
    carries: list[Any] = []
    fours: list[Any] = []
    for _ in range(GROUP // 2):
        ones, carry = full_adder(builder, ones, next(inputs), next(inputs))
        carries.append(carry)
        if twos is None and len(carries) == 3:
            twos, four = full_adder(builder, *carries)
        elif twos is not None and len(carries) == 2:
            twos, four = full_adder(builder, twos, *carries)
        else:
            continue
        fours.append(four)
        carries = []
    return [ones, twos, *full_adder(builder, *fours)]


def row_counts(builder: Any, digits: list[Any]) -> Any:
    """Emit the number of bits of each word; the digits weigh 1, 2, 4 and so on."""
    module = builder.module
    count = module.globals.get(_COUNT) or ir.Function(module, ir.FunctionType(ROW, [ROW]), _COUNT)
    total = builder.call(count, [digits[0]])
    for power, digit in enumerate(digits[1:], start=1):
        bits = builder.call(count, [digit])
        total = builder.add(total, builder.shl(bits, ir.Constant(ROW, [power] * WORDS)))
    return total
