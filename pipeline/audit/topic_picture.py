"""What the KPI topics show: of each key the highest version that stands before the last cut."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from pipeline.audit.cut import Cut, Version, read_cut
from pipeline.audit.picture import Heading, Picture, ShownFigure


class KeyedRecord(Protocol):
    """A record as Kafka clients give it."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class _Window(msgspec.Struct):
    id: str
    start_ms: int
    end_ms: int


class _Record(msgspec.Struct):
    scope: str
    home: str
    window: _Window
    version: Version
    state: str
    as_of_ms: int
    currency: str
    kpis: msgspec.Raw
    activities_fixed: bool = False
    nothing: tuple[str, ...] = ()
    attendance: str = ""
    currency_digits: int | None = None
    """None in records of before they said it, which are on the topic until it is compacted."""


_decode_cut = msgspec.json.Decoder(dict[str, Any]).decode
_decode = msgspec.json.Decoder(_Record).decode
_decode_kpis = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass
class KpiLog:
    """One partition of a KPI topic, read on and on. `next_offset` is where it goes on.

    `_settled` are the records before the last cut, `_newer` those written since, which no cut speaks of yet.
    """

    next_offset: int = 0
    cuts: list[Cut] = field(default_factory=list)
    _settled: dict[bytes, _Record] = field(default_factory=dict)
    _newer: dict[bytes, _Record | None] = field(default_factory=dict)

    def read(self, records: Iterable[KeyedRecord]) -> None:
        """Take in the next records."""
        for record in records:
            self.next_offset = record.offset + 1
            key, value = record.key or b"", record.value
            if key.startswith(b"cut|"):
                if value is not None:
                    self._settle(read_cut(_decode_cut(value)))
            elif value is None:
                self._newer[key] = None
            else:
                self._take(key, _decode(value))

    def show(self, picture: Picture) -> None:
        """Add what stands here to a picture. What was taken out since the last cut may have stood there at it."""
        picture.cuts.update({cut.place: cut for cut in self.cuts[-1:]})
        for key, record in sorted((self._settled | self._newer).items()):
            if record is not None:
                picture.add(_figure(record))
            else:
                scope, _, window = key.decode().partition("|")
                picture.unsettled.append((scope, window))

    def homes(self) -> set[str]:
        """Those that have a figure."""
        return {record.home for record in (self._settled | self._newer).values() if record is not None}

    def _take(self, key: bytes, record: _Record) -> None:
        """Of two records the one with the higher version holds; a tombstone ends both."""
        known = self._newer[key] if key in self._newer else self._settled.get(key)
        if known is None or record.version >= known.version:
            self._newer[key] = record

    def _settle(self, cut: Cut) -> None:
        for key, record in self._newer.items():
            if record is None:
                self._settled.pop(key, None)
            else:
                self._settled[key] = record
        self._newer.clear()
        self.cuts.append(cut)


def _figure(record: _Record) -> ShownFigure:
    window, kpis = record.window, _decode_kpis(record.kpis)
    span = (window.start_ms, window.end_ms)
    heading = Heading(
        record.state, record.currency, record.as_of_ms, span, record.activities_fixed, record.currency_digits,
        record.attendance,
    )  # fmt: skip
    return ShownFigure(record.scope, record.home, window.id, record.version, kpis, "", heading, record.nothing)
