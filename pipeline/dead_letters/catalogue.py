"""The catalogue: all letters of the topic, each origin once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.dead_letters.letter import Letter, read_letter
from pipeline.dead_letters.letter_record import LetterRecord
from schemas.dead_letters import Origin, read_arrival


class Catalogue:
    """Takes the records of the dead-letter topic in any order; `letters` gives what they say together.

    `unreadable` counts records that are neither letters nor notes of replays.
    """

    def __init__(self, records: Iterable[LetterRecord] = ()) -> None:
        self._letters: dict[Origin, Letter] = {}
        self._replayed: dict[Origin, int] = {}
        self.unreadable = 0
        for record in records:
            self.add(record)

    def add(self, record: LetterRecord) -> None:
        """Take in one record of the topic."""
        try:
            letter = read_letter(record)
            if letter is None:
                self._note(record)
                return
        except ValueError:
            self.unreadable += 1
            return
        held = self._letters.get(letter.origin)
        if held is None or _rank(letter) < _rank(held):
            self._letters[letter.origin] = letter

    def letters(self) -> Iterator[Letter]:
        """The latest attempt of each origin, by origin."""
        for origin, letter in sorted(self._letters.items()):
            replayed = self._replayed.get(origin, 0) >= letter.refusal.arrival.attempt
            yield replace(letter, replayed=replayed)

    def _note(self, record: LetterRecord) -> None:
        arrival = read_arrival(record.headers)
        self._replayed[arrival.origin] = max(arrival.attempt, self._replayed.get(arrival.origin, 0))


def _rank(letter: Letter) -> tuple[int, int, int]:
    """The latest attempt first; of one written twice, always the same."""
    return -letter.refusal.arrival.attempt, letter.place.partition, letter.place.offset
