"""Whole numbers of any size in msgpack, whose own integers end at 64 bits: larger ones are an extension type."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.msgpack import Ext

LEAST, MOST = -(2**63), 2**63 - 1
"""What a figure may be: a sum beyond them is kept exactly, and published as null with `overflow`."""
WIDE = 1
"""The extension's code; its data is the number in two's complement, most significant byte first."""


def fits(number: int) -> bool:
    """Whether a sum stays within 64 bits."""
    return LEAST <= number <= MOST


def encoded(encode: Callable[[Any], bytes], value: Any) -> bytes:
    """The wire form of `value`, large numbers in it too: these alone cost a walk through all of it."""
    try:
        return encode(value)
    except OverflowError:
        return encode(_widened(msgspec.to_builtins(value, builtin_types=(bytes, Ext))))


def read_extension(code: int, data: memoryview) -> int:
    """The `ext_hook` of every decoder that reads what `encoded` wrote; ValueError for any other extension."""
    if code != WIDE:
        raise ValueError(f"unknown extension {code}")
    return int.from_bytes(data, "big", signed=True)


def _widened(value: Any) -> Any:
    if isinstance(value, dict):
        return {_widened(key): _widened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_widened(item) for item in value]
    if type(value) is int and not fits(value):
        return Ext(WIDE, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return value
