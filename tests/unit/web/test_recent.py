"""What was worked out is told again for a while, and then worked out anew."""

from pipeline.web.recent import Recent
from tests.unit.web.floor import DAY, Floor


def test_an_answer_is_kept_for_a_while() -> None:
    """For sixty seconds, and of no other question."""
    kept = Recent(60, 2)
    kept.keep("a", 1, 100)

    assert [kept.get("a", at) for at in (100, 159.9, 160)] == [1, 1, None]
    assert kept.get("b", 100) is None


def test_the_oldest_goes_where_there_are_too_many() -> None:
    """That which was kept first; one that was worked out anew is young."""
    kept = Recent(60, 2)
    for at, question in enumerate("abac"):
        kept.keep(question, at, at)

    assert [kept.get(each, 4) for each in "abc"] == [2, None, 3]


async def test_what_is_usual_of_a_day_is_worked_out_once_for_all_who_ask() -> None:
    """Of one window: days of months are too much to be kept."""
    floor, asked = Floor(2), []

    def usual(reading: object, kpis: object) -> dict[str, dict[str, object]]:
        asked.append((reading, kpis))
        return {DAY: {}}

    floor.usual = usual
    hub = floor.hub()
    one, other = (floor.figures[f"team:{number}"] for number in range(2))
    for reading in (one, one, other):
        assert await hub.usual(reading, ["calls"]) == {DAY: {}}
    await hub.usual(one, ["emails"])

    assert asked == [(one, ["calls"]), (other, ["calls"]), (one, ["emails"])]
