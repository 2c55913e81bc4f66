"""A minimal workbook, written by hand."""

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELATED = "application/vnd.openxmlformats-package.relationships+xml"


def write_workbook(path: Path, rows: list[list[str]]) -> None:
    """XLSX with one sheet, Deals: `n:` begins a number, `d:` the serial of a date, all else is a text."""
    cells = "".join(f'<row r="{number}">{"".join(map(_cell, row))}</row>' for number, row in enumerate(rows, 1))
    sheets = '<sheet name="Deals" sheetId="1" r:id="r1"/>'
    formats = '<xf numFmtId="0"/><xf numFmtId="14"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="xml" ContentType="{SHEET}"/><Default Extension="rels" ContentType="{RELATED}"/></Types>',
        "_rels/.rels": _related(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _related(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2">{formats}</cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def _cell(text: str) -> str:
    if text.startswith(("n:", "d:")):
        return f'<c s="{int(text.startswith("d:"))}"><v>{text[2:]}</v></c>'
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def _related(*parts: tuple[str, str]) -> str:
    named = "".join(
        f'<Relationship Id="r{number}" Type="{REL}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{named}</Relationships>'
