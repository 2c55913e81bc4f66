"""What `import` and `reconcile` share: the files of an export and what lies beside them, ready to be read."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.importing.field_map import FieldMap
    from pipeline.importing.lookups import Table
    from pipeline.importing.rows import Rows


def readable(files: Sequence[Path], folder: Path) -> list[Path]:
    """The files, standard input spooled into a folder among them."""
    from pipeline.importing.files import STANDARD_INPUT, spooled

    return [spooled(sys.stdin.buffer, folder) if file == STANDARD_INPUT else file for file in files]


def opened(
    paths: Sequence[Path], declared: "FieldMap", field_map: Path, folder: Path
) -> "tuple[Rows, dict[str, Table]]":
    """The rows of an export and the lookups of its map; SetupError where one of them cannot be read as the map says."""
    from pipeline.importing.files import is_folder
    from pipeline.importing.lookups import read_lookups
    from pipeline.importing.rows import Rows

    rows = Rows(paths, declared, folder)
    beside = paths[0] if is_folder(paths[0]) else paths[0].parent
    lookups = read_lookups(declared, folder, beside, field_map.parent)
    rows.begin()
    return rows, lookups
