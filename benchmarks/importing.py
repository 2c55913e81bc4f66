"""What it costs to check an export before anything is sent: rows read, mapped, judged and spooled. Without a broker."""

import csv
import resource
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.sizes import Sizes
from pipeline.importing.checking import Check
from pipeline.importing.field_map import FieldMap, read_field_map
from pipeline.importing.lookups import read_lookups
from pipeline.importing.rows import Rows
from pipeline.importing.spool import Spool
from pipeline.importing.verdicts import EVER

MAPS = Path(__file__).parents[1] / "deploy" / "import"
NOW_MS = 1_795_867_200_000  # 2026-11-28 12:00 UTC
CDR = ("calldate", "answered", "src", "dst", "dcontext", "duration", "billsec", "disposition", "linkedid")
EXTENSIONS = range(2000, 2100)
STAGES = ("Appointment Scheduled", "Qualified To Buy", "Contract Sent")


def run(sizes: Sizes) -> dict[str, Any]:
    """One row a call and one event of it; and one row a deal, of which five events are made."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name, write in (("calls", _calls), ("deals", _deals)):
            path = Path(folder) / f"{name}.csv"
            field_map = write(path, sizes.import_rows, Random(sizes.seed))
            found[name] = _checked(path, field_map, Path(folder))
        return found


def _checked(path: Path, field_map: FieldMap, folder: Path) -> dict[str, Any]:
    began, worked = time.monotonic(), _core_seconds()
    with Spool(folder) as spool:
        rows = Rows([path], field_map, folder)
        check = Check(field_map, EVER, spool, NOW_MS)
        summary = check.read(rows, read_lookups(field_map, folder, path.parent), None)
        assert summary.sendable, list(summary.findings)
        events = sum(1 for _ in spool.events())
    (folder / "events.sqlite").unlink()
    seconds, core_seconds = time.monotonic() - began, _core_seconds() - worked
    return {
        "rows": summary.rows, "events": events, "seconds": round(seconds, 1),
        "rows_a_second": round(summary.rows / seconds), "rows_a_core_second": round(summary.rows / core_seconds),
        "events_a_second": round(events / seconds),
    }  # fmt: skip


def _core_seconds() -> float:
    """Of this process and of those that judged rows for it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _calls(path: Path, count: int, random: Random) -> FieldMap:
    """Call detail records: outbound, one leg each."""
    reps = "".join(f"{extension},rep-{extension}\n" for extension in EXTENSIONS)
    (path.parent / "extensions.csv").write_text(f"extension,rep\n{reps}")
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(CDR)
        for number in range(count):
            day = f"2026-{number * 9 // count + 1:02}-{random.randrange(1, 29):02}"
            at = f"{day} {random.randrange(24):02}:{random.randrange(60):02}:00"
            billed = random.randrange(600)
            disposition, answered = ("ANSWERED", at) if billed > 200 else ("NO ANSWER", "")
            who = random.choice(EXTENSIONS), "5550100", "from-internal"
            out.writerow((at, answered, *who, billed + 20, billed, disposition, f"1772439600.{number}"))
    return read_field_map(MAPS / "dialer" / "cdr.toml")


def _deals(path: Path, count: int, random: Random) -> FieldMap:
    """Deals with the times at which they entered each stage, as HubSpot exports them."""
    entered = [f'Date entered "{stage} (Sales Pipeline)"' for stage in STAGES]
    head = (
        "Record ID",
        "Deal Stage",
        "Amount",
        "Currency",
        "Deal owner",
        "Create Date",
        "Close Date",
        "Last Modified Date",
        "Associated Company IDs",
    )
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow((*head, *entered))
        for number in range(count // 5):
            days = [f"2026-{month:02}-{random.randrange(1, 28):02} 09:15" for month in range(2, 7)]
            amount, owner = f"{random.randrange(1, 99)},{random.randrange(1000):03}.00", f"Rep {random.randrange(100)}"
            out.writerow(
                (
                    9000 + number,
                    "Closed Won",
                    amount,
                    "USD",
                    owner,
                    days[0],
                    days[4],
                    days[4],
                    random.randrange(500),
                    *days[1:4],
                )
            )
    return read_field_map(MAPS / "hubspot" / "deals.toml")
