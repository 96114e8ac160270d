"""Kernels in machine code: a typed door to numba, and what numba itself does not offer.

`kernel` keeps a function's types for readers and for the type checker. The intrinsics are LLVM
instructions; LLVM lowers them to whatever the processor has, so there is one version of each
kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

P = ParamSpec("P")
R = TypeVar("R")

_I1, _I32, _I64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


_ALWAYS: dict[str, Any] = {"cache": True, "boundscheck": False, "error_model": "numpy"}
_ANY_ORDER = {"reassoc", "contract", "nsz"}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays at its first call, and keep it on disk.

    Indices are not checked and division by zero follows IEEE 754, as in numpy.
    """
    compiled: Callable[P, R] = njit(**_ALWAYS)(function)
    return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel` a part of one that is called so often that calling it would count."""
    compiled: Callable[P, R] = njit(**_ALWAYS, forceinline=True)(function)
    return compiled


def sum_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `kernel`, and let sums be taken in any order, several terms at a time."""
    compiled: Callable[P, R] = njit(**_ALWAYS, fastmath=_ANY_ORDER)(function)
    return compiled


def line_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile like `sum_kernel` without counting references: for what only fills arrays given.

    Taking an array out of a tuple costs nothing then. Nothing can be allocated, and no array made.
    """
    compiled: Callable[P, R] = njit(**_ALWAYS, fastmath=_ANY_ORDER, _nrt=False)(function)
    return compiled


def instruction(generator: Callable[..., Any]) -> Any:
    """Make a numba intrinsic of a function that types and emits LLVM instructions."""
    return intrinsic(generator)


def _bit_count(name: str) -> Any:
    """Make an intrinsic of a 64-bit word that LLVM calls `name`."""

    @instruction
    def count(_context: Any, value: Any) -> Any:
        if not isinstance(value, types.Integer):
            return None

        def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            operands, shape = [arguments[0]], [_I64]
            if name == "llvm.cttz":
                operands.append(ir.Constant(_I1, 0))  # the count of zero is 64, not poison
                shape.append(_I1)
            function = builder.module.declare_intrinsic(name, [_I64], ir.FunctionType(_I64, shape))
            return builder.call(function, operands)

        return types.int64(types.uint64), generate

    return count


popcount = _bit_count("llvm.ctpop")
trailing_zeros = _bit_count("llvm.cttz")


@instruction
def prefetch(_context: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of `array[index]`; costs nothing if it is there."""

    def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = target.make_array(signature.args[0])(target, builder, arguments[0])
        place = builder.gep(view.data, [arguments[1]])
        byte = ir.IntType(8).as_pointer()
        function = builder.module.globals.get("llvm.prefetch.p0") or ir.Function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, _I32, _I32, _I32]),
            "llvm.prefetch.p0",
        )
        read, keep, data = (ir.Constant(_I32, value) for value in (0, 3, 1))
        builder.call(function, [builder.bitcast(place, byte), read, keep, data])
        return target.get_dummy_value()

    if isinstance(array, types.Array) and isinstance(index, types.Integer):
        return types.none(array, types.int64), generate
    return None
