"""Letters by cause: what went wrong how often, since when, and one of them to look at."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.dead_letters.letter import Letter

SHOWN_VALUES = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """Letters of one topic with the same reason and detail, in the order of their origins."""

    topic: str
    reason: str
    detail: str
    letters: list[Letter]

    @property
    def first_ms(self) -> int:
        """The earliest append time."""
        return min(letter.refusal.arrival.timestamp_ms for letter in self.letters)

    @property
    def last_ms(self) -> int:
        """The latest append time."""
        return max(letter.refusal.arrival.timestamp_ms for letter in self.letters)

    @property
    def values(self) -> list[str]:
        """What the field holds in some of them, each value once."""
        given = (letter.given for letter in self.letters if letter.given is not None)
        return list(dict.fromkeys(given))[:SHOWN_VALUES]


def causes_of(letters: Iterable[Letter]) -> list[Cause]:
    """The causes, the most frequent first."""
    found: dict[tuple[str, str, str], Cause] = {}
    for letter in letters:
        about = letter.origin.topic, letter.refusal.reason, letter.refusal.detail
        found.setdefault(about, Cause(*about, [])).letters.append(letter)
    return sorted(found.values(), key=lambda cause: (-len(cause.letters), cause.topic, cause.reason, cause.detail))
