"""What the readiness probe is told of the batches of a partition."""

from pipeline.engine.partition.progress import Progress


def test_nothing_is_stuck_where_nothing_is_under_way() -> None:
    """An idle partition, or one that finished all it had, waits for nothing."""
    progress = Progress()
    assert progress.stuck_seconds(1000.0) == 0.0
    progress.begin(1000.0)
    progress.end(1001.0)
    assert progress.stuck_seconds(2000.0) == 0.0


def test_a_batch_that_does_not_end_is_stuck_since_it_began() -> None:
    """After a long silence, what counts is when the batch began."""
    progress = Progress()
    progress.begin(10.0)
    progress.end(11.0)
    progress.begin(500.0)
    assert progress.stuck_seconds(512.0) == 12.0


def test_batches_that_end_one_after_the_other_are_not_stuck() -> None:
    """Each of them may take long behind the others, as in a backlog: what counts is when the last one ended."""
    progress = Progress()
    for at in range(100):
        progress.begin(float(at))
        if at >= 20:
            progress.end(float(at))
    assert progress.stuck_seconds(100.0) == 1.0
