"""`python -m benchmarks.report`: writes the tables and plots of docs/performance.md from the files of results.

The page has places `<!-- results: NAME -->` to `<!-- end -->`; what stands between is written anew. A place whose block
no file holds is left as it is.
"""

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.plan import MEASURED_BLOCKS, plan
from benchmarks.tables import PLOTTED, TABLES, run, targets

FOLDER = Path(__file__).with_name("results")
FILES = ("latest", "peers")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PLOTS = PAGE.with_name("performance")
PLACE = re.compile(r"(<!-- results: ([a-z_]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Rewrite the page in place, and draw its plots."""
    from benchmarks.plots import draw

    PLOTS.mkdir(exist_ok=True)
    PAGE.write_text(written(PAGE.read_text()))
    for name in FILES:
        results = _read(name)
        for block in PLOTTED & results.keys():
            draw(block, results[block], PLOTS)


def written(page: str) -> str:
    """The page with all that the files hold in its places."""
    found: dict[str, str] = {}
    reached = []
    for name in FILES:
        results = _read(name)
        found |= _sections(name, results)
        reached += results.get("targets", [])
    if reached:
        found["targets"] = f"\n{targets(reached)}\n\n"
    return PLACE.sub(lambda place: place[1] + found.get(place[2], place[3]) + place[4], page)


def _read(name: str) -> dict[str, Any]:
    file = FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _sections(name: str, results: dict[str, Any]) -> dict[str, str]:
    """What stands at each place, by its name; the machine is at the name of the file."""
    sections = {name: f"\n{run(results)}\n\n"} if results else {}
    for block in TABLES.keys() & results.keys():
        picture = f"\n![{block.replace('_', ' ')}]({PLOTS.name}/{block}.svg)\n" if block in PLOTTED else ""
        sections[block] = f"\n{TABLES[block](results[block])}\n{picture}\n"
    if results.keys() >= set(MEASURED_BLOCKS):
        sections["plan"] = f"\n{plan(results)}\n\n"
    return sections


if __name__ == "__main__":
    main()
