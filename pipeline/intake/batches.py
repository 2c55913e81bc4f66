"""A batch taken apart: each of its events is a record by itself, with its number, and has a verdict of its own."""

from collections.abc import Iterable, Iterator

from pipeline.intake.refusals import PassedOn
from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.kernel.stage import Record
from schemas.control import forwarded_key


def taken_apart(
    judge: Judge, topic: str, partition: int, record: Record, elements: Iterable[bytes]
) -> Iterator[tuple[PassedOn, Accepted | Refused]]:
    """The events of a record that came on a partition, in order, numbered from 1."""
    key = forwarded_key(record.key)
    for number, value in enumerate(elements, 1):
        came = PassedOn(topic, partition, record.offset, record.timestamp, key, value, element=number)
        yield came, judge.verdict(came)
