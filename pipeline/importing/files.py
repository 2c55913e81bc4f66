"""Files of an export: found, unpacked where they are compressed, and told apart by what is in them."""

import codecs
import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Literal, cast

import cramjam
import zstandard

from pipeline.config.settings import SetupError
from pipeline.visible import is_whole

Kind = Literal["table", "json", "sheet", "parquet"]
STANDARD_INPUT = Path("-")
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PARQUET = b"PAR1"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""Byte order marks, and the encodings that they are of."""
JSON_LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".tab", ".txt")
KNOWN = (*TABLES, *JSON_LINES, ".json", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet")
PACKED = (".gz", ".zst")
MOST_LETTERS = 4 * 1024 * 1024
"""Of a row, or of an item of a document."""
CHUNK_BYTES = 1 << 16
MOST_TIMES, ALWAYS_BYTES = 200, 256 * 1024 * 1024
"""What a packed export unpacks to, of its own size; and what is let through in any case."""


def _require_modest_zstd(path: Path) -> None:
    """Found out piece by piece, before anything is written; what cannot be read is left to whoever unpacks it."""
    size = 0
    with path.open("rb") as source, suppress(zstandard.ZstdError):
        stream = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
        while some := stream.read(CHUNK_BYTES):
            size += len(some)
            require_modest(size, path)


class Lines:
    """The lines of a text, some of which make a row; SetupError where a row is longer than any export has one."""

    def __init__(self, text: IO[str], label: str) -> None:
        self._text = text
        self._label = label
        self._number = 0
        self.begin()

    def begin(self) -> None:
        """Called before a row is read."""
        self._left = MOST_LETTERS

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._left -= len(line)
        if self._left < 0:
            raise SetupError(f"FILE: {self._label}, line {self._number}: a row of more than {MOST_LETTERS:,} letters")
        return line


class ExportFile:
    """One file, readable. `label` is its name for people."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Unpacks it into `folder` where zstd packed it; SetupError where it cannot be read."""
        if not is_whole(str(path)):
            raise SetupError(f"FILE: {str(path)!a} is not UTF-8; rename it")
        self.path = path
        self.label = path.name
        self._bytes = path
        try:
            self.total_bytes = path.stat().st_size
            with path.open("rb") as file:
                head = file.read(4)
        except OSError as error:
            raise SetupError(f"FILE: cannot read {path}: {error.strerror}") from None
        self._gzip = head[:2] == GZIP
        self._reading: IO[bytes] | None = None
        if head == ZSTD:
            self._bytes = _unpacked(path, folder)
            self.total_bytes = self._bytes.stat().st_size
        self.suffix = Path(path.stem).suffix.lower() if path.suffix in PACKED else path.suffix.lower()

    @property
    def read_bytes(self) -> int:
        """How far reading has come, of `total_bytes`; 0 while nobody reads."""
        return self._reading.tell() if self._reading is not None else 0

    def kind(self, encoding: str | None) -> Kind:
        """What is in it, by its first letters and its name."""
        with self.open() as file:
            head = file.read(4096)
        if head.startswith(WORKBOOKS):
            return "sheet"
        if head.startswith(PARQUET):
            return "parquet"
        if self.suffix in TABLES:
            return "table"
        text = head.decode(self.encoding(encoding), "replace").lstrip()
        return "json" if text[:1] in ("{", "[") or self.suffix in (*JSON_LINES, ".json") else "table"

    def encoding(self, declared: str | None) -> str:
        """That of a byte order mark, else the declared one, else UTF-8."""
        with self.open() as file:
            head = file.read(4)
        return next((name for mark, name in MARKS if head.startswith(mark)), declared or "utf-8")

    def whole_path(self) -> Path:
        """Where its bytes lie, for readers that need a file; SetupError where gzip packed them."""
        if self._gzip:
            raise SetupError(f"FILE: {self.path} is packed with gzip; unpack it, Parquet is packed in itself")
        return self._bytes

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked; SetupError where they cannot be."""
        try:
            with self._bytes.open("rb") as raw:
                self._reading = raw
                if not self._gzip:
                    yield raw
                    return
                with gzip.open(raw) as file:
                    yield cast(IO[bytes], file)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise SetupError(f"FILE: {self.path} is not whole: {error}") from None
        finally:
            self._reading = None

    @contextmanager
    def text(self, declared: str | None) -> Iterator[IO[str]]:
        """Its text, line ends as they are.

        Raises:
            SetupError: where bytes are none of the encoding; reading on would spoil names.
        """
        encoding = self.encoding(declared)
        with self.open() as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
            try:
                yield text
            except UnicodeDecodeError:
                name = "UTF-8" if encoding.startswith("utf-8") else encoding
                raise SetupError(
                    f"FILE: {self.path} is not valid {name} (line {self._bad_line(encoding)}); "
                    'declare its encoding in the map, such as encoding = "windows-1252"'
                ) from None

    def _bad_line(self, encoding: str) -> int:
        number, decoder = 1, codecs.getincrementaldecoder(encoding)()
        with self.open() as file:
            while some := file.read(CHUNK_BYTES):
                try:
                    decoder.decode(some)
                except UnicodeDecodeError as error:
                    return number + error.object[: error.start].count(b"\n")
                number += some.count(b"\n")
        return number


def is_folder(path: Path) -> bool:
    """Whether there is a folder; of a name that is too long, Python before 3.13 raises instead of answering."""
    with suppress(OSError):
        return path.is_dir()
    return False


def is_there(path: Path) -> bool:
    """Whether there is such a file or folder, as above."""
    with suppress(OSError):
        return path.exists()
    return False


def export_files(paths: Iterable[Path], folder: Path) -> list[ExportFile]:
    """The files that are named, those in the folders that are named, or standard input; `folder` is for copies."""
    found: list[ExportFile] = []
    for path in paths:
        if is_folder(path):
            inside = sorted(each for each in path.iterdir() if each.is_file() and _is_export(each))
            if not inside:
                raise SetupError(f"FILE: {path} has no file to import; those end with {', '.join(KNOWN)}")
            found += [ExportFile(each, folder) for each in inside]
        else:
            found.append(ExportFile(path, folder))
    return found


def spooled(stream: IO[bytes], folder: Path) -> Path:
    """Standard input as a file, so that it can be read more than once."""
    path = folder / "standard input"
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return path


def _is_export(path: Path) -> bool:
    name = path.name.lower()
    return any(name.endswith(f"{known}{packed}") for known in KNOWN for packed in ("", *PACKED))


def require_modest(unpacked_bytes: int, path: Path) -> None:
    """Called with the size of what a packed file holds; SetupError for one that would fill memory or disk."""
    if unpacked_bytes > max(MOST_TIMES * path.stat().st_size, ALWAYS_BYTES):
        raise SetupError(f"FILE: {path} unpacks to more than {MOST_TIMES} times its size; unpack it yourself")


def _unpacked(path: Path, folder: Path) -> Path:
    _require_modest_zstd(path)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        target = Path(file.name)
    try:
        with path.open("rb") as source, mmap(source.fileno(), 0, access=ACCESS_READ) as packed:
            cramjam.zstd.decompress_into(packed, cramjam.File(str(target)))
    except (cramjam.DecompressionError, OSError) as error:
        raise SetupError(f"FILE: {path} is not whole: {error}") from None
    return target
