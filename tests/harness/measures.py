"""All measures: those that many kinds count, and those that one kind has of its own."""

import zlib

from pipeline import measures
from pipeline.kinds import KINDS
from pipeline.measures import AGENTS, AGENTS_SINCE_MS
from pipeline.scores.by_day import BY_DAY
from pipeline.scores.occupancy import RUNNING

SHARED = sorted({value for name, value in vars(measures).items() if name.isupper()} - {"unassigned", "company"})
SKETCHED = (measures.STAGE_ONCE, measures.STAGE_LATEST, measures.STAGE_TOTAL)
"""The families that have a sketch for each stage."""
OWN = sorted(name for kind in KINDS for name in kind.measures)


def amounts() -> dict[str, int]:
    """Each measure once, with some amount, which depends on its name alone: a new measure changes no other."""
    ends = {":": "default:new", "~": "12"}
    named = {stem: ends.get(stem[-1], "") for stem in (*SHARED, *OWN)} | dict.fromkeys(SKETCHED, "default:new~12")
    named |= dict.fromkeys((*BY_DAY, *RUNNING), "739560") | dict.fromkeys((AGENTS, AGENTS_SINCE_MS), "break:lunch")
    return {stem + name: zlib.crc32(stem.encode()) % 11 + 1 for stem, name in named.items()}
