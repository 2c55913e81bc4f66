"""Sending as time passes."""

from collections.abc import Callable

from pipeline.sending.event import Outgoing
from pipeline.simulator.run import send_as_time_passes
from pipeline.simulator.timeline import Timed, Timeline


class Taker:
    """A producer that only notes when what was sent."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.sent: list[tuple[int, str]] = []
        self.flushed = False

    def send(self, outgoing: Outgoing) -> None:
        """Note an event."""
        self.sent.append((self.now_ms(), outgoing.event["id"]))

    def flush(self) -> None:
        """Note the end."""
        self.flushed = True


class Wall:
    """A clock that goes on when somebody pauses."""

    def __init__(self, now_ms: int) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        """What it shows."""
        return self.at_ms

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self.at_ms += round(seconds * 1000)


def timed(*instants_ms: int) -> list[Timed]:
    """Events to be sent at some instants."""
    return [Timed(at_ms, 0, Outgoing({"id": str(at_ms), "type": "crm.deal.changed"})) for at_ms in instants_ms]


def test_the_past_goes_out_at_once_and_the_present_when_it_comes() -> None:
    """Nothing is sent before its instant, and nothing in the past waits."""
    wall = Wall(1000)
    taker = Taker(wall.now_ms)
    sent = send_as_time_passes(timed(10, 900, 1200, 1300), taker, wall.now_ms, wall.pause, lambda: False)

    assert sent == 4
    assert taker.sent == [(1000, "10"), (1000, "900"), (1200, "1200"), (1300, "1300")]
    assert taker.flushed


def test_it_ends_when_it_is_told_to() -> None:
    """A stop is heeded while waiting, and what was sent is acknowledged."""
    wall = Wall(1000)
    taker = Taker(wall.now_ms)
    sent = send_as_time_passes(timed(10, 5000), taker, wall.now_ms, wall.pause, lambda: wall.at_ms > 2000)

    assert sent == 1
    assert taker.flushed


def test_a_timeline_gives_what_is_due_in_order() -> None:
    """Events come out by their instant, those of one instant in the order they were added."""
    timeline = Timeline()
    for at_ms, name in ((30, "c"), (10, "a"), (10, "b"), (40, "d")):
        timeline.add(at_ms, Outgoing({"id": name}))

    assert [each.outgoing.event["id"] for each in timeline.until(30)] == ["a", "b", "c"]
    assert [each.outgoing.event["id"] for each in timeline.until(99)] == ["d"]
