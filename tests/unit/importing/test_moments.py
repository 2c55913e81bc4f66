"""Dates, times and zones: a text is the instant it was written for, or refused."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.importing.formats import check_format, read_stamp
from pipeline.importing.moments import Day, instant_of, local_day
from pipeline.importing.texts import NotReadError
from schemas.types import to_ms
from schemas.zones import zone_info
from tests.unit.importing.checked import DEAL, check_row, deals


def wall(*parts: int) -> datetime:
    """A time on a clock, of no zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns")
INSTANTS = st.datetimes(wall(1980, 1, 2), wall(2190, 1, 1)).map(lambda at: at.replace(microsecond=0))
OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
LOCAL_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d %b %Y %H:%M:%S", "%B %d, %Y %H:%M:%S",
    "%a %d %b %Y %T", "%Y%m%d%H%M%S", "%Y %j %H %M %S", "%D %T",
)  # fmt: skip
LANGUAGES = ("en", "de", "fr", "es", "nl", "pl", "pt", "it", "sv")


def read_ms(text: str, form: str = "iso", zone: str | None = None) -> int:
    """The instant of a text."""
    stamp = read_stamp(text, (form,), "en")
    return instant_of(stamp, zone_info(zone) if zone else None).at_ms


@given(INSTANTS, st.sampled_from(LOCAL_FORMATS), st.sampled_from(ZONES))
def test_a_wall_clock_is_that_of_its_zone(at: datetime, form: str, zone: str) -> None:
    """Written in a zone and read in it, it is the same instant; one that comes twice is the earlier of the two."""
    if "%D" in form:
        at = at.replace(year=1970 + at.year % 60)
    local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))

    assert read_ms(local.strftime(form), form, zone) == to_ms(local.replace(fold=0))


@given(INSTANTS, OFFSETS)
def test_an_offset_in_a_text_wins(at: datetime, offset: timezone) -> None:
    """Whatever zone the map has, in ISO 8601 and in formats."""
    aware = at.replace(tzinfo=UTC).astimezone(offset)
    iso, colonless = aware.isoformat(), aware.strftime("%Y-%m-%d %H:%M:%S %z")

    assert {read_ms(iso), read_ms(colonless), read_ms(colonless, "%Y-%m-%d %H:%M:%S %z")} == {to_ms(aware)}


@given(INSTANTS, st.sampled_from(["Z", "z", " UTC", " GMT", "+00:00", "+0000", "+00"]), st.sampled_from(ZONES))
def test_a_text_that_says_utc_is_in_utc(at: datetime, suffix: str, zone: str) -> None:
    """Never in the map's zone."""
    assert read_ms(at.isoformat(sep=" ") + suffix, zone=zone) == to_ms(at.replace(tzinfo=UTC))


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S (GMT)"])
def test_a_letter_of_utc_in_a_format_is_a_zone(form: str) -> None:
    """It is not thrown away like other letters."""
    assert read_ms(wall(2026, 3, 1, 12).strftime(form), form, "America/New_York") == to_ms(
        datetime(2026, 3, 1, 12, tzinfo=UTC)
    )


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """The machine's own zone is another one."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("text", ["2026-07-01 12:00:00 EST", "2026-07-01 12:00:00 CEST", "2026-07-01 12:00:00 EDT"])
def test_an_abbreviation_is_refused_on_every_machine(machine: str, text: str) -> None:
    """EST is that of New York, Sydney and Jamaica; which of them the machine stands in is no matter."""
    with machine_in(machine), pytest.raises(NotReadError, match="several zones"):
        read_stamp(text, ("%Y-%m-%d %H:%M:%S %Z",), "en")


def test_a_zone_in_a_text_is_that_zone() -> None:
    """By its IANA name."""
    data = {"created_at": {"column": "made", "parse": "instant", "format": "%Y-%m-%d %H:%M %Z"}}
    read = check_row(deals(data), made="2026-07-01 12:00 America/New_York").data

    assert read["created_at"] == "2026-07-01T16:00:00.000Z"


@given(INSTANTS, st.sampled_from(LANGUAGES), st.sampled_from(["d MMMM y HH:mm", "d MMM y HH:mm"]))
def test_months_have_the_names_of_the_declared_language(at: datetime, language: str, written: str) -> None:
    """In full and in short."""
    text = format_datetime(at, written, locale=language)
    stamp = read_stamp(text, ("%d %b %Y %H:%M",), language)

    assert stamp.local == at.replace(second=0)


@given(st.integers(315_532_800_000, 4_000_000_000_000))
def test_epochs_lose_nothing(at_ms: int) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds since 1970 are the same instant."""
    written = {
        "epoch_ms": str(at_ms),
        "epoch_seconds": f"{Decimal(at_ms) / 1000}",
        "epoch_us": str(at_ms * 1000),
        "epoch_ns": str(at_ms * 10**6),
    }

    assert {read_ms(text, form) for form, text in written.items()} == {at_ms}


@given(st.integers(946_684_800, 4_000_000_000), st.permutations(["epoch_seconds", "epoch_ms", "epoch_us", "epoch_ns"]))
def test_a_count_in_another_unit_is_refused(at_seconds: int, forms: list[str]) -> None:
    """It would be in 1970, or after all calendars."""
    units = {"epoch_seconds": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
    with pytest.raises(NotReadError):
        read_ms(str(at_seconds * units[forms[0]]), forms[1])


@given(st.dates(date(1901, 1, 1), date(2190, 1, 1)), st.integers(0, 86_399))
def test_a_serial_of_a_spreadsheet_is_its_day(day: date, second: int) -> None:
    """Days since the end of 1899, the time of day as a fraction."""
    days = (day - date(1899, 12, 30)).days
    alone = read_stamp(str(days), ("excel",), "en")
    timed = read_stamp(f"{Decimal(days) + Decimal(second) / 86_400:.9f}", ("excel",), "en")

    assert (alone.local.date(), alone.day_only) == (day, True)
    assert abs(timed.local - wall(day.year, day.month, day.day) - timedelta(seconds=second)) < timedelta(0.001)


def test_serials_by_hand() -> None:
    """46,329.375 is nine in the morning of the 3rd of November 2026."""
    assert read_stamp("46329.375", ("excel",), "en").local == wall(2026, 11, 3, 9)
    assert read_stamp("46387", ("excel",), "en").local.date() == date(2026, 12, 31)


@pytest.mark.parametrize(
    "name", ["exel", "yyyy-mm-dd", "DD/MM/YYYY", "%Q", "%d.%m.%Y %I:%M", "%m.%Y", "%Y-%m-%d %H EST"]
)
def test_a_format_that_nobody_knows_is_a_fault_of_the_map(name: str) -> None:
    """It is not taken for letters."""
    with pytest.raises(ValueError, match=r"format|directive"):
        check_format(name, "en")


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_several_formats_read_a_column_that_has_several(day: date) -> None:
    """Where two read one text as different days, it is refused."""
    american, british = day.strftime("%m/%d/%Y"), day.strftime("%d/%m/%Y")

    assert read_stamp(day.isoformat(), ("iso", "%m/%d/%Y"), "en").local.date() == day
    if day.day > 12 or day.day == day.month:
        assert read_stamp(american, ("%m/%d/%Y", "%d/%m/%Y"), "en").local.date() == day
        assert read_stamp(british, ("%m/%d/%Y", "%d/%m/%Y"), "en").local.date() == day
    else:
        with pytest.raises(NotReadError, match="is another time by each of"):
            read_stamp(american, ("%m/%d/%Y", "%d/%m/%Y"), "en")


@pytest.mark.parametrize(
    "text",
    ["2026-13-01", "2026-02-30", "2026-3-1", "2026-03-01T25:00:00", "2026-03-01T10:00:60", "soon", "", "2026-W10-1",
     "2026-03-01T10:00:00 EST", "20260301T10", "2026-0301",
     "202603-01", "0000-00-00", "2026-03-01T10:00:00+99:00", "12:00"],
)  # fmt: skip
def test_what_is_no_iso_8601_is_refused(text: str) -> None:
    """Whatever a newer Python takes for it."""
    with pytest.raises(NotReadError):
        read_stamp(text, ("iso",), "en")


def test_midnight_may_end_a_day() -> None:
    """24:00 is 00:00 of the next one."""
    assert read_stamp("2026-03-01T24:00:00", ("iso",), "en").local == wall(2026, 3, 2)


@given(st.dates(date(1980, 1, 2), date(2190, 1, 1)), st.sampled_from(ZONES))
@example(date(2017, 10, 15), "America/Sao_Paulo").via("clocks are set forward at midnight")
@example(date(2018, 2, 17), "America/Sao_Paulo").via("and back at midnight")
@example(date(2025, 11, 2), "America/Havana").via("and back to midnight")
def test_a_day_lies_between_its_first_and_last_millisecond(day: date, zone: str) -> None:
    """All three are on it, where its zone is, and the millisecond after the last is not."""
    rules = zone_info(zone)
    start, noon, end = (Day(day, rules).at(at).at_ms for at in ("start", "noon", "end"))

    def local(at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms / 1000, rules).date()

    assert start < noon < end
    assert {local(start), local(noon), local(end)} == {day}
    assert (local(start - 1), local(end + 1)) == (day - timedelta(1), day + timedelta(1))


def test_a_day_of_today_ends_now() -> None:
    """What closed today has not closed in the future."""
    now_ms = to_ms(datetime(2026, 3, 1, 9, tzinfo=UTC))

    assert Day(date(2026, 3, 1), zone_info("UTC")).at("end", now_ms).at_ms == now_ms
    assert Day(date(2026, 3, 1), zone_info("UTC")).at("start", now_ms).at_ms == to_ms(datetime(2026, 3, 1, tzinfo=UTC))
    assert (
        Day(date(2026, 2, 28), zone_info("UTC")).at("end", now_ms).at_ms == to_ms(datetime(2026, 3, 1, tzinfo=UTC)) - 1
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("year", [2011, 2026])
def test_times_that_clocks_skip_are_refused_and_those_that_come_twice_are_known(zone: str, year: int) -> None:
    """Over every quarter of an hour of a year: a time is skipped, single or double, as going from UTC shows."""
    rules = zone_info(zone)
    begin = datetime(year, 1, 1, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    told: dict[datetime, list[int]] = {}
    for number in range(-96, 4 * 24 * 367):
        at = begin + number * quarter
        told.setdefault(at.astimezone(rules).replace(tzinfo=None, fold=0), []).append(to_ms(at))
    local, last = wall(year, 1, 1), wall(year + 1, 1, 1)
    while local < last:
        stamp = read_stamp(local.isoformat(), ("iso",), "en")
        if local in told:
            instant = instant_of(stamp, rules)
            assert [instant.at_ms, *([instant.later_ms] if instant.later_ms is not None else [])] == told[local]
        else:
            with pytest.raises(NotReadError, match="skipped"):
                instant_of(stamp, rules)
        local += quarter


@given(st.dates(date(1980, 1, 2), date(2190, 1, 1)), st.sampled_from(ZONES))
def test_a_midnight_in_utc_that_stands_for_a_day_stays_that_day(day: date, zone: str) -> None:
    """How systems without dates write one; any other time is of the day that it is in the zone."""
    rules = zone_info(zone)
    midnight = read_stamp(f"{day}T00:00:00Z", ("iso",), "en")
    later = read_stamp(f"{day}T01:30:00Z", ("iso",), "en")
    epoch = read_stamp(str(to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))), ("epoch_ms",), "en")

    assert local_day(midnight, rules) == local_day(epoch, rules) == day
    assert local_day(later, rules) == later.local.replace(tzinfo=UTC).astimezone(rules).date()


@pytest.mark.parametrize("zone", [*ZONES, "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("at", ["start", "noon", "end"])
@given(
    day=st.one_of(
        st.dates(date.min, date(1969, 12, 31)),
        st.dates(date(2200, 1, 1), date.max),
        st.sampled_from([date.min, date.max]),
    ),
    time_=st.sampled_from(["", "T00:00:00", "T23:59:59", "T24:00", "T00:00:00Z", "T00:00:00+14:00", "T23:59:59-12:00"]),
)
@settings(max_examples=15)
def test_what_lies_outside_of_the_years_is_refused_with_its_row(zone: str, at: str, day: date, time_: str) -> None:
    """Systems write no end as 9999-12-31, and no date as 0001-01-01: whichever instant of it is asked for."""
    text = f"{day.isoformat()}{time_}"
    kept = {"column": "c", "parse": "instant", "at": at}
    for field_map, texts in (
        (deals({"created_at": kept}, zone=zone), {"c": text}),
        (deals({}, zone=zone, event=[{**DEAL, "time": {"column": "at", "at": at}}]), {"at": text}),
    ):
        checked = check_row(field_map, **texts)

        assert checked.events == []
        assert [line.partition(" lies ")[2] for line in checked.said] == ["outside of the years 1970 to 2199"]


BEGIN_S, END_S = (
    int(datetime(year, 1, 1, tzinfo=UTC).timestamp() - datetime(2026, 3, 4, 10, tzinfo=UTC).timestamp())
    for year in (1970, 2200)
)
"""How far the first and the last of the years are from an instant, in seconds."""


@given(st.integers(-(10**18), BEGIN_S - 1) | st.integers(END_S, 10**18))
def test_a_length_of_time_that_leads_out_of_the_years_is_refused_with_its_row(seconds: int) -> None:
    """Whatever a column of lengths holds."""
    ended = {"column": "c", "parse": "instant", "plus": [{"column": "length"}]}
    checked = check_row(deals({"created_at": ended}), c="2026-03-04T10:00:00Z", length=str(seconds))

    assert checked.events == []
    assert len(checked.said) == 1
    assert checked.said[0].startswith("row 2: ")


@pytest.mark.parametrize(("locale", "text", "month"), [
    ("tr", "23 KASIM 2026", 11), ("tr", "23 Kasım 2026", 11), ("tr", "23 NİSAN 2026", 4), ("tr", "23 nisan 2026", 4),
    ("en", "23 APRİL 2026", 4), ("en", "23 Aprıl 2026", 4),
])  # fmt: skip
def test_a_month_is_read_with_or_without_the_dot_of_its_i(locale: str, text: str, month: int) -> None:
    """Turkish has four letters i, and programs write others' months in its upper case."""
    assert read_stamp(text, ("%d %B %Y",), locale).local == wall(2026, month, 23)


def test_a_day_of_a_text_that_names_its_zone_is_the_day_there() -> None:
    """Whatever the time, also where the map declares another zone."""
    day = {"column": "c", "parse": "date", "format": "%Y-%m-%d %H:%M %Z"}
    read = check_row(deals({"expected_close_on": day}, zone="Asia/Tokyo"), c="2026-02-01 23:30 Europe/Paris").data

    assert read["expected_close_on"] == "2026-02-01"
