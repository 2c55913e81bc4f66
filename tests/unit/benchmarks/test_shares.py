"""Where the time of a worker goes, by what its frames are named."""

from pathlib import Path

from benchmarks.shares import PARTS, shares_of

ROOT = Path(__file__).parents[3]
OURS = ("pipeline/", "schemas/", "agents/")


def test_each_part_of_ours_is_there_by_that_name() -> None:
    """A folder that was renamed would count for whatever calls it."""
    ours = [beginning for part in PARTS.values() for beginning in part if beginning.startswith(OURS)]

    assert ours
    assert [each for each in ours if not (ROOT / each).exists() and not (ROOT / f"{each}.py").exists()] == []


def test_each_folder_that_a_worker_folds_with_is_in_a_part() -> None:
    """Or what it takes would be told of others."""
    named = {beginning.split("/")[1] for part in PARTS.values() for beginning in part if beginning.startswith(OURS[0])}

    assert named >= {"boards", "engine", "kernel", "kinds", "ledger", "objects", "publishing", "scores", "sinks"}


def test_a_sample_counts_for_its_innermost_part_unless_it_waits() -> None:
    """A call of the client from a sink is the client's; a thread that waits is nobody's."""
    stacks = [
        "run (asyncio/events.py:80);fold (pipeline/boards/rollup.py:120);add (pipeline/scores/board.py:180) 3",
        "run (asyncio/events.py:80);write (pipeline/sinks/redis.py:9);encode (/x/site-packages/aiokafka/a.py:1) 1",
        "run (asyncio/events.py:80);select (selectors.py:468) 90",
    ]

    assert shares_of(stacks) == {"scores": 0.75, "Kafka client": 0.25}
