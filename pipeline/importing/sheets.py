"""Sheets of a workbook: XLSX, XLS, ODS."""

import math
from collections.abc import Generator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from pipeline.config.settings import SetupError
from pipeline.importing.files import ExportFile, require_modest
from pipeline.importing.listing import listed
from pipeline.importing.texts import PlainNumber, PlainStamp

if TYPE_CHECKING:
    from pipeline.importing.tables import Line


def sheet_lines(file: ExportFile, name: str | None) -> "Generator[Line, None, None]":
    """The rows of a sheet, of the first one where none is named; SetupError where there is none."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 (only workbooks need it)

    try:
        with file.open() as bytes_:
            if is_zipfile(bytes_):
                with ZipFile(bytes_) as packed:
                    require_modest(sum(each.file_size for each in packed.infolist()), file.path)
        with file.open() as bytes_, CalamineWorkbook.from_filelike(bytes_) as workbook:
            names = workbook.sheet_names
            if not names or (name is not None and name not in names):
                raise SetupError(f"--map: {file.label} has no sheet {name!r}; it has: {listed(names, 20)}")
            sheet = workbook.get_sheet_by_name(name or names[0])
            first = sheet.start[0] if sheet.start is not None else 0
            for number, cells in enumerate(sheet.iter_rows(), 1 + first):
                yield number, [_text(cell) for cell in cells]
    except (CalamineError, BadZipFile) as error:
        raise SetupError(f"FILE: {file.path} is no workbook that can be read: {error}") from None


def _text(cell: Any) -> str:
    """A cell as a text that says what it is."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return PlainNumber(int(cell) if math.isfinite(cell) and cell == int(cell) else repr(cell))
    if isinstance(cell, datetime):
        return PlainStamp(cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" "))
    if isinstance(cell, (date, time)):
        return PlainStamp(cell.isoformat())
    if isinstance(cell, timedelta):
        return PlainNumber(cell.total_seconds())
    return str(cell)
