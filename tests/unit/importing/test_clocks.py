"""Times read by parts that repeat are those that are read whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.clocks import Clocks, even_day_ms
from pipeline.importing.drafts import told_at
from pipeline.importing.formats import read_stamp
from pipeline.importing.moments import Instant, instant_of
from schemas.events import iso
from schemas.types import LIMIT_MS
from schemas.zones import zone_info
from tests.unit.importing.test_moments import ZONES, wall

EDGES = [
    wall(1970, 1, 1),
    wall(2026, 3, 29, 2, 30),
    wall(2026, 10, 25, 2, 30),
    wall(2026, 4, 5, 1, 45),
    wall(2199, 12, 31),
]
"""First and last days, and some on which clocks are changed."""
LOCAL = st.one_of(
    st.datetimes(wall(2026, 1, 1), wall(2026, 12, 31)),
    st.tuples(st.sampled_from(EDGES), st.integers(-1500, 1500)).map(lambda each: each[0] + timedelta(minutes=each[1])),
)
OFFSETS = ("", "Z", " UTC", "+02:00", "-0930", "+00")
FORMATS = ("iso", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%YT%H:%M", "%F %T", "%d.%m.%y %H:%M", "%d %b %Y %H:%M")


@st.composite
def texts(draw: st.DrawFn, form: str) -> str:
    """A time as the format writes it, in ISO 8601 in any of its ways."""
    at = draw(LOCAL)
    if form != "iso":
        return at.strftime(form)
    day, second = draw(st.sampled_from(["%Y-%m-%d", "%Y%m%d"])), draw(st.sampled_from(["", ":%S", ":%S.%f", "%S"]))
    return at.strftime(f"{day}{draw(st.sampled_from('Tt '))}%H:%M{second}") + draw(st.sampled_from(OFFSETS))


def read(text: str, form: str, zone: ZoneInfo) -> Instant | None:
    """A text read whole; None where it is refused."""
    try:
        stamp = read_stamp(text, (form,), "en")
        return instant_of(stamp, None if stamp.offset_seconds is not None else zone)
    except ValueError:
        return None


def learned(told: list[str], form: str, zone: ZoneInfo) -> Clocks:
    """What knows the parts of some times."""
    clocks = Clocks((form,), midnights=True)
    for text in told:
        if read(text, form, zone) is not None:
            clocks.learn(text, read_stamp(text, (form,), "en"))
    return clocks


def mixed(told: list[str]) -> Iterator[str]:
    """Each day with each minute and each rest, cut where they may be and where they may not."""
    for at in (10, 9):
        for day, minute, rest in product(told, told, told):
            yield day[:at] + minute[at : at + 6] + rest[at + 6 :]


@given(st.sampled_from(FORMATS).flatmap(lambda form: st.tuples(st.just(form), st.lists(texts(form), max_size=4))),
       st.sampled_from(ZONES))  # fmt: skip
def test_parts_that_are_known_make_the_time_that_is_read_whole(given_: tuple[str, list[str]], zone: str) -> None:
    """Whatever they are put together to: no time that is none, and none that comes twice or never."""
    form, told = given_
    rules = zone_info(zone)
    clocks = learned(told, form, rules)
    for text in mixed(told):
        at_ms = clocks.at_ms(text, lambda _: rules, {})
        if at_ms is not None:
            assert read(text, form, rules) == Instant(at_ms)


@pytest.mark.parametrize(
    ("form", "told", "new"),
    [
        ("iso", ["2026-03-04 10:15", "2026-03-05 11:20:30"], "2026-03-04 11:20"),
        ("iso", ["2026-03-04T10:15:00Z", "2026-03-05T11:20:30.5+02:00"], "2026-03-04T11:20:30.5+02:00"),
        ("%d.%m.%Y %H:%M", ["04.03.2026 10:15", "05.03.2026 11:20"], "04.03.2026 11:20"),
    ],
)
def test_a_new_time_of_known_parts_is_not_read_whole(form: str, told: list[str], new: str) -> None:
    """That is what they are known for."""
    berlin = zone_info("Europe/Berlin")
    at_ms = learned(told, form, berlin).at_ms(new, lambda _: berlin, {})

    assert at_ms is not None
    assert read(new, form, berlin) == Instant(at_ms)


@given(LOCAL, st.sampled_from(ZONES))
def test_a_day_is_even_unless_clocks_are_changed_on_it(at: datetime, zone: str) -> None:
    """Then each time of it is as late as its clock says."""
    rules, midnight = zone_info(zone), at.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [midnight + timedelta(hours=hour) for hour in range(25)]
    offsets = {each.replace(tzinfo=rules, fold=fold).utcoffset() for each in hours for fold in (0, 1)}
    start_ms, since_ms = even_day_ms(at.date(), rules), (at - midnight) // timedelta(milliseconds=1)

    assert (start_ms is None) == (len(offsets) > 1)
    if start_ms is not None and 0 <= start_ms + since_ms < LIMIT_MS:
        assert read(at.isoformat(), "iso", rules) == Instant(start_ms + since_ms)


@given(st.integers(-LIMIT_MS, 3 * LIMIT_MS))
def test_an_instant_is_told_as_everywhere(instant_ms: int) -> None:
    """In any year."""
    assert told_at(instant_ms) == iso(instant_ms)
