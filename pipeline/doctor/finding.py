"""One thing that is wrong, and what was looked at to find it. Pure."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is."""

    FAULT = "fault"
    """Figures are wrong, late or missing, or a worker would not start."""
    WARNING = "warning"
    """Nothing is wrong yet."""


class Finding(NamedTuple):
    """What is wrong, in one line, and what to do about it, in another."""

    level: Level
    line: str
    cure: str


class Examined(NamedTuple):
    """One part of an installation: what it is, in a line, and what is wrong with it."""

    part: str
    summary: str
    findings: tuple[Finding, ...] = ()
    answered: bool = True
    """Whether it could be asked at all."""

    @property
    def state(self) -> str:
        """The worst that was found; `ok` where nothing was, `unknown` where it could not be asked."""
        levels = {finding.level for finding in self.findings}
        return next((str(level) for level in Level if level in levels), "ok" if self.answered else "unknown")


def fault(line: str, cure: str) -> Finding:
    """Something that is wrong now."""
    return Finding(Level.FAULT, line, cure)


def warning(line: str, cure: str) -> Finding:
    """Something that will be, or may be."""
    return Finding(Level.WARNING, line, cure)


def unknown(part: str, why: str) -> Examined:
    """A part that could not be asked, since another one does not answer, of which that is told."""
    return Examined(part, f"unknown: {why}", answered=False)
