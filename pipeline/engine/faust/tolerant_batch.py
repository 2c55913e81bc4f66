"""A batch that aiokafka's C reader cannot read, for the name of a header, read in another way."""

from collections.abc import Iterator
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy

from schemas.header_names import AnyNames


class TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final for type checkers only
    """Read in Python, five times slower, with header names of any bytes."""

    def __iter__(self) -> Iterator[Any]:
        super().__iter__()
        self._buffer: bytearray = AnyNames(self._buffer)
        return self
