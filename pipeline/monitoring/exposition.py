"""The exposition formats of Prometheus, written line by line: text 0.0.4, and OpenMetrics 1.0 where it is asked for.

Of gauges, which is all that is written here, both have the same lines; they differ in the head of a family and the end.
"""

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

OPENMETRICS = "application/openmetrics-text"
END = b"# EOF\n"
_FAST = 1
"""The level of gzip: text of lines that are nearly the same becomes a twentieth of itself even so."""
_GZIP = 31
_LABEL = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_NAMES = {math.inf: "+Inf", -math.inf: "-Inf"}


def escaped(value: str) -> str:
    """A label's value as it stands between quotes."""
    return value.translate(_LABEL) if "\\" in value or '"' in value or "\n" in value else value


def labelled(labels: Mapping[str, str]) -> str:
    """Labels as they stand between braces."""
    return ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())


def number(value: float) -> str:
    """A value; whole numbers of any size as they are, up to what a float reaches."""
    if type(value) is int:
        try:
            float(value)
        except OverflowError:
            return _NAMES[math.inf if value > 0 else -math.inf]
        return str(value)
    if math.isnan(value):
        return "NaN"
    return _NAMES.get(value) or repr(float(value))


class Gauges(NamedTuple):
    """A family of gauges: its name, what it means, and its samples as lines, in pieces."""

    name: str
    text: str
    pieces: Iterable[str]


def gauges(name: str, text: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Gauges:
    """A family of few samples, by their labels."""
    lines = [f"{name}{{{labelled(labels)}}} {number(value)}\n" for labels, value in samples]
    return Gauges(name, text, ["".join(lines)])


class Page(Protocol):
    """What one scrape shows, as it was at one moment; it may be written in a thread, while the loop goes on."""

    @property
    def own(self) -> Collector | None:
        """Metrics of the client library that go before all others."""

    def families(self) -> Iterator[Gauges]: ...


def content_type(accept: str) -> str:
    """What a scraper that accepts these is answered with."""
    return choose_encoder(accept)[1]


def written(page: Page, accept: str) -> Iterator[bytes]:
    """The page in the format that the scraper asks for, piece by piece."""
    encode, kind = choose_encoder(accept)
    openmetrics = kind.startswith(OPENMETRICS)
    if page.own is not None:
        yield encode(page.own).removesuffix(END)
    for name, text, pieces in page.families():
        yield _head(name, text, openmetrics=openmetrics)
        for piece in pieces:
            yield piece.encode()
    if openmetrics:
        yield END


def _head(name: str, text: str, *, openmetrics: bool) -> bytes:
    escaped_text = text.translate(_LABEL if openmetrics else _HELP)
    return f"# HELP {name} {escaped_text}\n# TYPE {name} gauge\n".encode()


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a scraper with this header takes gzip."""
    for offered in accept_encoding.lower().split(","):
        name, _, quality = offered.partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same, compressed."""
    packer = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
