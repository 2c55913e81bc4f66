"""A deal's stages are read by the process of their time: what a process becomes later says nothing of what was."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds import contributions, kind_named
from pipeline.kinds.cells import Cells
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from tests.unit.ledger.world import HOUR, NOON_MS

Stages = list[dict[str, Any]]
Told = tuple[int, dict[str, Any]]
IDS = ("a", "b", "c", "d", "w", "l")
KINDS = {"w": "won", "l": "lost"}
FIELDS = kind_named("deal").histories


def stages_of(ids: list[str]) -> Stages:
    """Stages by these ids: `w` is won, `l` is lost, the others are open."""
    return [{"id": name, "kind": KINDS.get(name, "open"), "qualified": name == "b"} for name in ids]


SOME_STAGES = st.lists(st.sampled_from(IDS), min_size=1, unique=True).map(stages_of)
ALL_STAGES = st.permutations(IDS).map(stages_of)
SAYS = st.fixed_dictionaries(
    {},
    optional={
        "stage_id": st.sampled_from([*IDS, "nowhere"]),
        "process_id": st.sampled_from(["default", "other", "unheard", None]),
        "owner_id": st.sampled_from(["7", "8"]),
        "amount_minor": st.integers(1, 9),
    },
)
EVENTS = st.lists(st.tuples(st.integers(-20, 0).map(lambda hours: NOON_MS + hours * HOUR), SAYS), max_size=10)


def floor(**processes: list[tuple[int, Stages]]) -> Organisation:
    """Two reps in a team, and these processes with their editions."""
    found = Organisation("EUR", NOON_MS + 100 * HOUR)
    found.put("team:north", {"time_zones": []})
    for rep in "78":
        found.put(f"rep:{rep}", {})
        found.put(f"membership:{rep}", {"rep_id": rep, "team_id": "north"})
    for name, editions in processes.items():
        found.put(f"process:{name}", {"editions": [[from_ms, stages] for from_ms, stages in editions]})
    return found


def deal(events: list[Told]) -> Object:
    """A deal of which all this was told."""
    item = Object("deal:d")
    item.merge((NOON_MS - 21 * HOUR, 0, 0, "crm", 0, 0), {"created_at": NOON_MS - 21 * HOUR}, kept=FIELDS)
    for number, (at_ms, says) in enumerate(events):
        item.merge((at_ms, number, 0, "crm", number + 1, 0), says, kept=FIELDS)
    return item


def counted(cells: Cells, *, now: bool = True) -> dict[tuple[Any, str], int]:
    """What is counted where, without zeros; without `now` only what has its day."""
    found = {(place, name): n for place, sums in cells.items() for name, n in sums.items() if n}
    return {key: n for key, n in found.items() if now or key[0][2] is not None}


def measure(cells: Cells, name: str) -> int:
    """The sum of one measure."""
    return sum(sums.get(name, 0) for sums in cells.values())


@given(EVENTS, ALL_STAGES, SOME_STAGES, SOME_STAGES)
def test_what_a_process_becomes_later_changes_nothing_that_was(
    events: list[Told], first: Stages, other: Stages, later: Stages
) -> None:
    """Dropped, added, reordered stages, and such as close now or no longer do: every cell of a day stays as it was."""
    before = floor(default=[(0, first)], other=[(0, other)])
    after = floor(default=[(0, first), (NOON_MS + HOUR, later)], other=[(0, other)])

    # Of stages that nobody declared one may be declared now: that alone is known better.
    known = {stage["id"] for stage in first}
    said = [(at_ms, says) for at_ms, says in events if says.get("stage_id") in (None, *known)]

    assert counted(contributions(deal(said), before), now=False) == counted(contributions(deal(said), after), now=False)


def _renamed(name: str) -> str:
    *front, stage = name.split(":")
    stage, mark, bucket = stage.partition("~")
    return ":".join([*front, f"{stage}2" if front and stage in IDS else stage]) + mark + bucket


@given(EVENTS, EVENTS, ALL_STAGES)
def test_a_renamed_stage_is_the_same_stage(events: list[Told], later: list[Told], stages: Stages) -> None:
    """Whatever came before and comes after, under the former id or the new one: all that differs is the name."""
    renamed = [{**stage, "id": f"{stage['id']}2", "former_ids": [stage["id"]]} for stage in stages]
    after = [(at_ms + 30 * HOUR, says) for at_ms, says in later]
    anew = [
        (at_ms, {**says, "stage_id": f"{says['stage_id']}2"} if says.get("stage_id") in IDS else says)
        for at_ms, says in after
    ]
    plain = counted(contributions(deal([*events, *after]), floor(default=[(0, stages)])))
    known = floor(default=[(0, stages), (NOON_MS + HOUR, renamed)])
    wanted = {(place, _renamed(name)): n for (place, name), n in plain.items()}

    assert counted(contributions(deal([*events, *after]), known)) == wanted
    in_default = [(at_ms, says) for at_ms, says in anew if says.get("process_id", "default") == "default"]
    as_before = [(at_ms, says) for at_ms, says in after if says.get("process_id", "default") == "default"]
    before = [(at_ms, says) for at_ms, says in events if says.get("process_id", "default") == "default"]
    assert counted(contributions(deal([*before, *in_default]), known)) == {
        (place, _renamed(name)): n
        for (place, name), n in counted(
            contributions(deal([*before, *as_before]), floor(default=[(0, stages)]))
        ).items()
    }


ADMINISTRATIVE = st.lists(
    st.tuples(
        st.integers(1, 20).map(lambda hours: NOON_MS + hours * HOUR),
        st.fixed_dictionaries(
            {},
            optional={
                "stage_id": st.sampled_from(["nowhere", "elsewhere"]),
                "process_id": st.sampled_from(["default", "other", "unheard", None]),
                "owner_id": st.sampled_from(["7", "8"]),
            },
        ),
    ),
    max_size=6,
)


@given(EVENTS, st.sampled_from("wl"), ADMINISTRATIVE, ALL_STAGES, SOME_STAGES)
def test_only_a_stage_that_is_open_reopens_a_closed_deal(
    events: list[Told], closing: str, later: list[Told], stages: Stages, other: Stages
) -> None:
    """Another owner, another process, a stage that nobody declares: it stays closed since when it was."""
    known = floor(default=[(0, stages)], other=[(0, other)])
    before = [*events, (NOON_MS + 1, {"process_id": "default", "stage_id": closing})]
    closed, still = contributions(deal(before), known), contributions(deal([*before, *later]), known)

    for name in ("won", "lost", "reopened", "open_deals", "won_cycle_days"):
        assert measure(still, name) == measure(closed, name)
    assert measure(still, "won") + measure(still, "lost") == 1
    assert measure(contributions(deal([*before, *later, (NOON_MS + 50 * HOUR, OPENED)]), known), "open_deals") == 1


OPENED = {"process_id": "default", "stage_id": "a"}


@given(EVENTS, ALL_STAGES, SOME_STAGES)
def test_a_deal_in_a_stage_that_nobody_declares_is_counted_as_that_once(
    events: list[Told], stages: Stages, other: Stages
) -> None:
    """Open or closed; and no longer once somebody declares it."""
    odd = [*events, (NOON_MS + HOUR, {"process_id": "default", "stage_id": "odd"})]
    declared = [*stages, {"id": "odd"}]

    assert measure(contributions(deal(odd), floor(default=[(0, stages)], other=[(0, other)])), "unknown_stages") == 1
    # However late it is declared.
    known = floor(default=[(0, stages), (NOON_MS + 90 * HOUR, declared)], other=[(0, other)])
    found = contributions(deal(odd), known)
    assert (measure(found, "unknown_stages"), measure(found, "open_stage:default:odd")) == (0, 1)


def test_a_stage_that_is_done_with_leads_on_and_a_new_one_was_not_passed() -> None:
    """`b` is given up while the deal is in it, `d` comes before `c`: it went on from `b`, and never was in `d`."""
    known = floor(default=[(0, stages_of(["a", "b", "c", "w"])), (NOON_MS, stages_of(["a", "d", "c", "w"]))])
    told = [(NOON_MS - 3 * HOUR, {"stage_id": "c"}), (NOON_MS - 2 * HOUR, {"stage_id": "b"})]
    found = contributions(deal([*told, (NOON_MS + HOUR, {"stage_id": "c"})]), known)

    assert [measure(found, f"stage_entered:default:{name}") for name in "abcd"] == [1, 1, 1, 0]
    assert [measure(found, f"stage_converted:default:{name}") for name in "abcd"] == [1, 1, 0, 0]


def test_open_deals_are_qualified_by_the_process_of_now() -> None:
    """What stands stands by what holds now, and an edition that lies ahead does not yet."""
    qualified = [{"id": "a", "qualified": True}]
    told = [(NOON_MS - HOUR, {"stage_id": "a"})]
    for from_ms, expected in ((NOON_MS + 90 * HOUR, 1), (NOON_MS + 110 * HOUR, 0)):
        known = floor(default=[(0, [{"id": "a"}]), (from_ms, qualified)])
        assert measure(contributions(deal(told), known), "open_qualified") == expected


@given(EVENTS, ALL_STAGES, SOME_STAGES)
def test_a_course_that_goes_on_is_the_one_from_the_start(events: list[Told], stages: Stages, other: Stages) -> None:
    """Asked after each event of a long history or once at the end, also if a stage is told again in a new process."""
    known = floor(default=[(0, stages)], other=[(0, other)])
    long = [(NOON_MS - 20 * HOUR - 40 + n, {"owner_id": "7"}) for n in range(40)]
    told = long + sorted(events, key=lambda event: event[0])
    asked = deal([])
    for number, (at_ms, says) in enumerate(told):
        asked.merge((at_ms, number, 0, "crm", number + 1, 0), says, kept=FIELDS)
        contributions(asked, known)

    assert contributions(asked, known) == contributions(deal(told), known)


def test_of_one_instant_each_moment_counts_in_the_process_that_it_was_in() -> None:
    """It entered `a`, then `b` of the other process, and was won there: all within one millisecond."""
    known = floor(default=[(0, stages_of(["a", "w"]))], other=[(0, stages_of(["b", "w"]))])
    told = [{"process_id": "default", "stage_id": "a"}, {"process_id": "other", "stage_id": "b"}, {"stage_id": "w"}]
    found = contributions(deal([(NOON_MS, says) for says in told]), known)

    assert [measure(found, f"stage_entered:{name}") for name in ("default:a", "other:b")] == [1, 1]
    assert [measure(found, name) for name in ("stage_closed:other:w", "won", "unknown_stages")] == [1, 1, 0]
