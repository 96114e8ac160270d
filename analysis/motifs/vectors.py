"""Instruction sequences in LLVM's vector language: how many bits many pairs of rows share.

Rows are blocks of 512 bits. Fifteen ANDed rows at a time are summed bit by bit by full adders into
four binary digits (ones, twos, fours, eights), so that four population counts do for fifteen. Where
lists are short, four at a time are added to ones and twos that are kept until the end of the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba import types

from analysis.compiled import instruction

WORDS = 8  # 64-bit words of a block
GROUP = 15
FEW = 4  # rows of a group in short lists

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
    shared = _shared(builder, fixed, rows, start, GROUP)
    total = builder.add(sums, row_counts(builder, _digits(builder, shared)))
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


@instruction
def add_shared_bits(_context: Any, row: Any, rows: Any, places: Any, groups: Any, sums: Any) -> Any:
    """Add the bits that `row` and `rows[p]` share, summed over places p, word by word.

    Arguments are those of `shared_bits`, in groups of `FEW`, and the address of `WORDS` sums.
    """

    def generate(target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        *given, sums_ = arguments
        pointer = builder.inttoptr(sums_, ROW.as_pointer())
        found = _few_at_a_time(builder, *given)
        builder.store(builder.add(builder.load(pointer, align=8), found), pointer, align=8)
        return target.get_dummy_value()

    if not all(isinstance(kind, types.Integer) for kind in (row, rows, places, groups, sums)):
        return None
    address = types.uint64
    return types.none(address, address, address, types.int64, address), generate


def _few_at_a_time(builder: Any, row: Any, rows: Any, places: Any, groups: Any) -> Any:
    """Emit the loop over groups of four; return the bits shared in every word."""
    zero, none = ir.Constant(I64, 0), ir.Constant(ROW, [0] * WORDS)
    fixed = load_row(builder, row)
    before = builder.block
    body, after = builder.append_basic_block("group"), builder.append_basic_block("counted")
    builder.cbranch(builder.icmp_signed(">", groups, zero), body, after)
    builder.position_at_end(body)
    turn, kept = builder.phi(I64), [builder.phi(ROW) for _ in range(3)]
    ones, twos, fours = kept
    start = builder.add(places, builder.mul(turn, ir.Constant(I64, 4 * FEW)))
    carries = []
    inputs = _shared(builder, fixed, rows, start, FEW)
    for _ in range(FEW // 2):
        ones, carry = full_adder(builder, ones, next(inputs), next(inputs))
        carries.append(carry)
    twos, four = full_adder(builder, twos, *carries)
    fours = builder.add(fours, row_counts(builder, [four]))
    following = builder.add(turn, ir.Constant(I64, 1))
    turn.add_incoming(zero, before)
    turn.add_incoming(following, body)
    builder.cbranch(builder.icmp_signed("<", following, groups), body, after)
    builder.position_at_end(after)
    ends = [builder.phi(ROW) for _ in kept]
    for phi, end, last in zip(kept, ends, (ones, twos, fours), strict=True):
        for one in (phi, end):
            one.add_incoming(none, before)
            one.add_incoming(last, body)
    fours = builder.shl(ends[2], ir.Constant(ROW, [2] * WORDS))
    return builder.add(fours, row_counts(builder, ends[:2]))


def _shared(builder: Any, fixed: Any, rows: Any, start: Any, number: int) -> Iterator[Any]:
    """Emit, one by one, the rows at some places ANDed with a fixed one."""
    for q in range(number):
        address = builder.add(start, ir.Constant(I64, 4 * q))
        place = builder.load(builder.inttoptr(address, I32.as_pointer()), align=4)
        offset = builder.shl(builder.zext(place, I64), ir.Constant(I64, 6))  # 64 bytes a row
        yield builder.and_(fixed, load_row(builder, builder.add(rows, offset)))


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
