"""An import that replaces another one gives the figures of a deployment that saw only the second."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.settling import settle
from pipeline.importing.tellings import Telling, event_of_telling
from schemas.events import iso
from tests.unit.importing.test_settling import SOURCE, told_once
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, organisation

STARTS_MS = NOON_MS - 20 * DAY
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "deal": {
        "stage_id": st.sampled_from(["new", "qualified", "offer", "won", "lost"]),
        "amount_minor": st.sampled_from([100, 250, None]),
        "currency": st.just("EUR"),
        "owner_id": st.sampled_from(["rep-01", "rep-02", None]),
        "account_id": st.sampled_from(["a1", "a2"]),
        "created_at": st.integers(0, 3).map(lambda day: iso(STARTS_MS + day * DAY)),
    },
    "lead": {
        "status": st.sampled_from(["open", "converted", "disqualified"]),
        "owner_id": st.sampled_from(["rep-01", "rep-02", None]),
        "created_at": st.integers(0, 3).map(lambda day: iso(STARTS_MS + day * DAY)),
        "closed_at": st.integers(3, 6).map(lambda day: iso(STARTS_MS + day * DAY)),
    },
    "meeting": {
        "rep_id": st.sampled_from(["rep-01", "rep-02"]),
        "booked_at": st.integers(0, 3).map(lambda day: iso(STARTS_MS + day * DAY)),
        "starts_at": st.integers(3, 6).map(lambda day: iso(STARTS_MS + day * DAY)),
        "status": st.sampled_from(["scheduled", "held", "no_show"]),
        "deal_id": st.sampled_from(["1", "2", None]),
        "lead_id": st.sampled_from(["1", "2", None]),
    },
    "call": {
        "rep_id": st.sampled_from(["rep-01", "rep-02"]),
        "started_at": st.integers(0, 3).map(lambda day: iso(STARTS_MS + day * DAY)),
        "direction": st.sampled_from(["inbound", "outbound"]),
        "lead_id": st.sampled_from(["1", "2", None]),
    },
    "membership": {
        "rep_id": st.sampled_from(["rep-01", "rep-02"]),
        "team_id": st.sampled_from(["north", "south", "west"]),
        "valid_from": st.integers(0, 5).map(lambda day: iso(STARTS_MS + day * DAY)),
    },
    "team": {"time_zone": st.sampled_from(["Asia/Tokyo", "America/New_York"]), "parent_id": st.just("north")},
    "rep": {"active": st.booleans()},
}
"""Of each kind, what exports say."""
NAMES = {kind: ["1", "2"] for kind in FIELDS} | {"team": ["west", "1"], "rep": ["rep-01", "rep-03"]}
Export = dict[str, list[Telling]]
"""What an export tells, by subject."""


@st.composite
def exports(draw: st.DrawFn, ingested_ms: int) -> Export:
    """An export of some objects, each told at some moments."""
    subjects = [(kind, name) for kind in FIELDS for name in NAMES[kind]]
    found: Export = {}
    for kind, name in draw(st.lists(st.sampled_from(subjects), max_size=5, unique=True)):
        moments = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=1, max_size=3, unique=True))
        fields = st.fixed_dictionaries({}, optional=FIELDS[kind])
        found[f"{kind}:{name}"] = [
            told_once(kind, (STARTS_MS + day * DAY, number), draw(fields), "changed", ingested_ms)
            for day, number in moments
        ]
    return found


def events(told: Export) -> list[dict[str, Any]]:
    """All of it as events."""
    return [event_of_telling(each, SOURCE, subject) for subject, each_ in told.items() for each in each_]


def settled(told: Sequence[Export], target: Sequence[Export]) -> Export:
    """What it takes for the target to hold."""
    subjects = sorted({subject for export in told for subject in export})
    return {
        subject: settle(
            subject,
            SOURCE,
            [each for export in told for each in export.get(subject, ())],
            [each for export in target for each in export.get(subject, ())],
        )
        for subject in subjects
    }


def figures(*batches: Sequence[dict[str, Any]]) -> Any:
    """The cells of a deployment that was told this, an hour between any two batches."""
    world = World()
    for batch in (organisation(), *batches):
        world.now_ms += HOUR
        world.play(batch)
    return world.settle().total()


FIRST, SECOND = exports(NOON_MS - 2 * HOUR), exports(NOON_MS - HOUR)


@given(FIRST, SECOND, st.randoms(use_true_random=False))
def test_a_replaced_import_is_one_that_was_never_sent(first: Export, second: Export, random: Any) -> None:
    """Corrections, nulls and deletions for what only the first told, in whatever order they arrive."""
    more = [*events(second), *events(settled([first, second], [second]))]
    random.shuffle(more)

    assert figures(events(first), more) == figures(events(second))


@given(FIRST, SECOND)
def test_an_import_that_is_undone_leaves_the_one_before(first: Export, second: Export) -> None:
    """And nothing at all where there was none; undone twice it is the same; told again it counts again."""
    back = settled([first, second], [first])
    away = settled([first, second, back], [])
    again = settled([first, second, back, away], [first, second])

    assert figures(events(first), events(second), events(back), events(back)) == figures(events(first))
    assert figures(events(first), events(second), events(back), events(away)) == figures()
    assert figures(events(first), events(second), *map(events, (back, away, again))) == figures(
        events(first), events(second)
    )
