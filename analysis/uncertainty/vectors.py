"""Numbers of `LANES` pairs as one value of machine code, and the partners that neurons share.

`row` and `set_row` read and write lanes that stand one after the other in an array; such values are
added, subtracted and multiplied lane by lane. LLVM makes of them as many vectors of the processor
as are needed. They live inside of kernels only.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

from analysis.compiled import instruction

LANES = 32
KINDS = 3  # one-way outputs, one-way inputs, mutual partners
TOGETHER = 8  # lanes of which partners are counted at once
I32, I64, F64 = ir.IntType(32), ir.IntType(64), ir.DoubleType()
WORDS, NUMBERS = ir.VectorType(I64, TOGETHER), ir.VectorType(F64, TOGETHER)
VALUE = ir.VectorType(F64, LANES)
FREE = ("reassoc", "contract", "nsz")


class _Lanes(types.Type):  # type: ignore[misc]
    """The type of such a value."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


_lanes = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    """One vector of LLVM."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VALUE)


def _operation(symbol: Any, name: str) -> None:
    """Make an operator of Python work on such values."""

    class Template(ConcreteTemplate):  # type: ignore[misc]
        cases = [signature(_lanes, _lanes, _lanes)]  # noqa: RUF012 (read by numba)

    infer_global(symbol)(Template)

    @lower_builtin(symbol, _lanes, _lanes)  # type: ignore[untyped-decorator]
    def lower(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return getattr(builder, name)(*arguments, flags=FREE)


for _symbol, _name in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _operation(_symbol, _name)


@instruction
def row(_context: Any, array: Any, first: Any) -> Any:
    """Read `LANES` numbers of a contiguous array from its item number `first` on."""

    def generate(target: Any, builder: Any, signature_: Any, arguments: Any) -> Any:
        place = _item(target, builder, signature_.args[0], *arguments)
        return builder.load(builder.bitcast(place, VALUE.as_pointer()), align=8)

    return (_lanes(array, types.int64), generate) if isinstance(array, types.Array) else None


@instruction
def set_row(_context: Any, array: Any, first: Any, value: Any) -> Any:
    """Write a value to a contiguous array from its item number `first` on."""

    def generate(target: Any, builder: Any, signature_: Any, arguments: Any) -> Any:
        place = _item(target, builder, signature_.args[0], *arguments[:2])
        builder.store(arguments[2], builder.bitcast(place, VALUE.as_pointer()), align=8)
        return target.get_dummy_value()

    if isinstance(array, types.Array) and isinstance(value, _Lanes):
        return types.none(array, types.int64, value), generate
    return None


@instruction
def item(_context: Any, array: Any, index: Any) -> Any:
    """Read one number of a contiguous array, whatever its axes."""

    def generate(target: Any, builder: Any, signature_: Any, arguments: Any) -> Any:
        return builder.load(_item(target, builder, signature_.args[0], *arguments))

    if isinstance(array, types.Array):
        return array.dtype(array, types.int64), generate
    return None


@instruction
def everywhere(_context: Any, number: Any) -> Any:
    """Return a number in every lane."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _spread(builder, arguments[0], VALUE)

    return (_lanes(types.float64), generate) if isinstance(number, types.Number) else None


@instruction
def total(_context: Any, value: Any) -> Any:
    """Sum the lanes of a value."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        half, sums = LANES // 2, arguments[0]
        while half:
            low, high = (
                builder.shuffle_vector(
                    sums,
                    ir.Constant(sums.type, ir.Undefined),
                    ir.Constant(ir.VectorType(I32, half), list(range(start, start + half))),
                )
                for start in (0, half)
            )
            sums = builder.fadd(low, high, flags=FREE)
            half //= 2
        return builder.extract_element(sums, ir.Constant(I32, 0))

    return (types.float64(_lanes), generate) if isinstance(value, _Lanes) else None


@instruction
def positive(_context: Any, value: Any) -> Any:
    """Return 0 in lanes that are below 0."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        zero = ir.Constant(VALUE, [0.0] * LANES)
        above = builder.fcmp_ordered(">", arguments[0], zero)
        return builder.select(above, arguments[0], zero)

    return (_lanes(_lanes), generate) if isinstance(value, _Lanes) else None


@instruction
def bits(_context: Any, word: Any) -> Any:
    """Return the lowest `LANES` bits of a word as 0 or 1."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        lowest = builder.trunc(arguments[0], ir.IntType(LANES))
        apart = builder.bitcast(lowest, ir.VectorType(ir.IntType(1), LANES))
        return builder.uitofp(apart, VALUE)

    return (_lanes(types.uint64), generate) if isinstance(word, types.Integer) else None


@instruction
def shared_by_kind(
    _context: Any, mine: Any, from_mine: Any, theirs: Any, from_theirs: Any,
    words: Any, into: Any, from_into: Any,
) -> Any:  # fmt: skip
    """Count the bits that a row shares with those of `LANES` others, for every two kinds.

    Arguments are three arrays, each followed by the index of its first item: words of the row,
    [word, kind], of the others, [word, kind, lane] (with the number of words), and where the counts
    go, [kind of the row, kind of the others, lane] in a table of 4 × 4 rows whose first row and
    column are left as they are.
    """

    def generate(target: Any, builder: Any, signature_: Any, arguments: Any) -> Any:
        own, others, counts = (
            _item(target, builder, signature_.args[k], arguments[k], arguments[k + 1])
            for k in (0, 2, 5)
        )
        for first in range(0, LANES, TOGETHER):
            _count(builder, own, others, counts, arguments[4], first)
        return target.get_dummy_value()

    arrays, numbers = (mine, theirs, into), (from_mine, from_theirs, words, from_into)
    if all(isinstance(kind, types.Array) for kind in arrays) and all(
        isinstance(kind, types.Integer) for kind in numbers
    ):
        place = types.int64
        return types.none(mine, place, theirs, place, place, into, place), generate
    return None


def _count(builder: Any, mine: Any, theirs: Any, into: Any, words: Any, first: int) -> None:
    """Emit the loop over words for some of the lanes; each keeps its nine sums until the end."""
    name, module = f"llvm.ctpop.v{TOGETHER}i64", builder.module
    count = module.globals.get(name) or ir.Function(module, ir.FunctionType(WORDS, [WORDS]), name)
    none, pairs = ir.Constant(WORDS, [0] * TOGETHER), [(x, y) for x in range(3) for y in range(3)]
    before = builder.block
    body, after = builder.append_basic_block("word"), builder.append_basic_block("counted")
    builder.cbranch(builder.icmp_signed(">", words, ir.Constant(I64, 0)), body, after)
    builder.position_at_end(body)
    turn, sums = builder.phi(I64), [builder.phi(WORDS) for _ in pairs]
    own, others = [], []
    for kind in range(KINDS):
        word = builder.add(builder.mul(turn, ir.Constant(I64, KINDS)), ir.Constant(I64, kind))
        own.append(_spread(builder, builder.load(builder.gep(mine, [word])), WORDS))
        lane = builder.add(builder.mul(word, ir.Constant(I64, LANES)), ir.Constant(I64, first))
        pointer = builder.bitcast(builder.gep(theirs, [lane]), WORDS.as_pointer())
        others.append(builder.load(pointer, align=8))
    more = [builder.call(count, [builder.and_(own[x], others[y])]) for x, y in pairs]
    totals = [builder.add(*both) for both in zip(sums, more, strict=True)]
    following = builder.add(turn, ir.Constant(I64, 1))
    builder.cbranch(builder.icmp_signed("<", following, words), body, after)
    turn.add_incoming(ir.Constant(I64, 0), before)
    turn.add_incoming(following, body)
    builder.position_at_end(after)
    found = [builder.phi(WORDS) for _ in pairs]
    for one, last, result in zip(sums, totals, found, strict=True):
        for phi, block, value in (
            (one, before, none), (one, body, last), (result, before, none), (result, body, last)
        ):  # fmt: skip
            phi.add_incoming(value, block)
    for (x, y), result in zip(pairs, found, strict=True):
        place = ir.Constant(I64, (4 * (x + 1) + y + 1) * LANES + first)
        pointer = builder.bitcast(builder.gep(into, [place]), NUMBERS.as_pointer())
        builder.store(builder.sitofp(result, NUMBERS), pointer, align=8)


def _item(target: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Emit the address of an item of a contiguous array, whatever its axes."""
    view = target.make_array(kind)(target, builder, array)
    return builder.gep(view.data, [index])


def _spread(builder: Any, number: Any, kind: Any) -> Any:
    """Emit a vector with the same number in every lane."""
    empty = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(I32, 0))
    return builder.shuffle_vector(
        first, empty, ir.Constant(ir.VectorType(I32, kind.count), [0] * kind.count)
    )
