"""Pacing: history waits while the pipeline is behind."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.pacing import Pacing


class Pipeline:
    """A pipeline that acknowledges so many events whenever somebody waits."""

    def __init__(self, per_pause: int) -> None:
        self.per_pause = per_pause
        self.behind = 0
        self.most = 0
        self.waited: list[int] = []
        self.stalled: list[int] = []

    def take(self) -> None:
        """One more event waits."""
        self.behind += 1
        self.most = max(self.most, self.behind)

    def pause(self, _seconds: float) -> None:
        """Time passes."""
        self.behind = max(0, self.behind - self.per_pause)


def send(events: int, backlog: int, pipeline: Pipeline) -> None:
    """Send so many events at the pacing's word."""
    pacing = Pacing(backlog, lambda: pipeline.behind, pipeline.pause, pipeline.waited.append, pipeline.stalled.append)
    for _ in range(events):
        if pacing.due():
            pacing.wait()
        pipeline.take()
        pacing.passed()


@given(events=st.integers(0, 300), backlog=st.integers(1, 50), per_pause=st.integers(1, 20))
def test_never_more_than_the_backlog_waits(events: int, backlog: int, per_pause: int) -> None:
    """However slow the pipeline is, at most so many events wait, and all are sent in the end."""
    pipeline = Pipeline(per_pause)
    send(events, backlog, pipeline)

    assert pipeline.most <= backlog


def test_a_backlog_of_none_never_waits() -> None:
    """0 means as fast as the broker takes it."""
    pipeline = Pipeline(1)
    send(100, 0, pipeline)

    assert (pipeline.behind, pipeline.waited) == (100, [])


def test_who_waits_is_told_how_much_is_ahead() -> None:
    """While events are held back, the lag is reported."""
    pipeline = Pipeline(2)
    pipeline.behind = 10
    send(1, 5, pipeline)

    assert pipeline.waited == [10, 8, 6]


def test_a_pipeline_without_a_worker_is_told_once() -> None:
    """Nothing is acknowledged for ten seconds, then a worker starts."""
    pipeline = Pipeline(0)
    pipeline.behind = 10
    passed: list[float] = []

    def pause(seconds: float) -> None:
        passed.append(seconds)
        pipeline.per_pause = 5 if sum(passed) > 60 else 0
        pipeline.pause(seconds)

    Pacing(5, lambda: pipeline.behind, pause, pipeline.waited.append, pipeline.stalled.append).wait()

    assert pipeline.stalled == [10]


def test_a_slow_worker_is_none_that_is_missing() -> None:
    """One event in each pause is little, and not nothing."""
    pipeline = Pipeline(1)
    pipeline.behind = 500
    send(1, 5, pipeline)

    assert pipeline.stalled == []
