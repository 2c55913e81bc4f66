"""Past windows, as the command line and the API give them: what the sink wrote, a row a window."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.scores.figures import Figure
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.harness.published import count, made, publish, sales_floor
from tests.servers.redis import RedisServer

MONTHS = [f"month:{year}-{month:02d}" for year in (2016, 2017) for month in range(1, 13)]
ENTERED = {"default:won": count(2), "default:lost": count(None)}


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for all tests: none of them changes what is kept, and a server takes a second to end."""
    return "history"


@pytest.fixture(scope="module")
def kept(redis_server: RedisServer, namespace: str) -> str:
    """Two years of months and a quarter of the company and of a rep within a team, beside a floor of today."""
    past = [
        made(
            home, scope, window.partition(":")[0], window, 1, {
                "won": count(number), "bookings": count(100 * number), "win_rate": count(None),
                "stage_entries": count(3, stages=ENTERED),
            }, current=False,
        )
        for home, scope in (("company", "company"), ("team:north", "rep:rep-01@north"))
        for number, window in enumerate([*MONTHS, "quarter:2017-Q3"])
    ]  # fmt: skip
    days = [
        made(
            "company", "company", "day", f"day:{day}", 1, {"calls": count(calls), "activities": count(2 * calls)},
            current=False,
        )
        for day, calls in (("2026-11-13", 21), ("2026-11-16", 30), ("2026-11-20", 28))
    ]  # fmt: skip
    publish(redis_server.url, namespace, [*sales_floor(12, 1), *past, *days, *mondays()])
    return redis_server.url


def mondays() -> list[Figure]:
    """Six Mondays of a team and a rep within it: 10 calls of the rep on the last one, 12, 14, 16 and 18 before it.

    The one between 14 and 16 was a holiday, on which the rep made a call all the same.
    """
    calls = {"11-16": 10, "11-09": 12, "11-02": 14, "10-26": 1, "10-19": 16, "10-12": 18}
    worked = {day: {"bookings_per_rep_day": count(0, numerator=0, denominator=float(day != "10-26"))} for day in calls}
    due = {"goal_attainment": {"value": None, "goals": {"calls": {"value": 0.5, "denominator": 40}}}}
    return [
        made(
            "team:north", scope, "day", f"day:2026-{day}", 1,
            {"calls": count(made_by * each), "activities": count(each), **more[day]}, current=False,
        )
        for scope, made_by, more in (
            ("team:north", 3, {day: worked[day] | due for day in calls}),
            ("rep:rep-01@north", 1, {day: {} for day in calls}),
        )
        for day, each in calls.items()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def api(kept: str, namespace: str) -> Iterator[Any]:
    """Asks the board: a path and a status give what it answers."""
    with (
        Redis.from_url(kept, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening) as address,
    ):

        def ask(path: str, status: int = 200) -> Any:
            with closing(HTTPConnection(urlsplit(address).netloc, timeout=15)) as connection:
                connection.request("GET", f"/api/v1/figures/{path}")
                with connection.getresponse() as answer:
                    assert answer.status == status
                    return json.loads(answer.read())

        yield ask


def ran(url: str, namespace: str, *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["figures", *arguments, "--redis-url", url, "--namespace", namespace])


def test_stages_are_shown_one_by_one(kept: str, namespace: str) -> None:
    """A KPI that is told by stage has a row for each of them, and none of its own."""
    result = ran(kept, namespace, "company", "--window", "month:2017-12", "--kpi", "stage_entries")
    rows = [line.strip("│ ").split() for line in result.stdout.splitlines() if "stage_entries" in line]

    assert result.exit_code == 0
    assert rows == [["stage_entries", "default:lost", "│", "–"], ["stage_entries", "default:won", "│", "2"]]


def test_one_past_window(kept: str, namespace: str, api: Any) -> None:
    """The command and the API say the same of it."""
    result = ran(kept, namespace, "company", "--window", "quarter:2017-Q3", "--kpi", "won", "--json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert found == {
        "scope": "company", "home": "company", "currency": "EUR", "currency_digits": 2,
        "windows": [{
            "id": "quarter:2017-Q3", "start": None, "state": "provisional", "as_of": "2026-11-23T12:00:00.001Z",
            "kpis": {"won": {"value": 24}}, "usual_whole_day": None,
        }],
    }  # fmt: skip
    answer = api("company?window=quarter:2017-Q3&kpi=won")
    assert answer.pop("freshness")["live"] is True
    assert answer == found


def test_a_kpi_that_the_window_has_not_is_told(kept: str, namespace: str) -> None:
    """No empty table: where the KPI is given, and exit code 1."""
    result = ran(kept, namespace, "company", "--window", "quarter:2017-Q3", "--kpi", "pipeline_velocity")

    assert result.exit_code == 1
    assert "pipeline_velocity there: it is given in the window 90d" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("scope", ["company", "rep:rep-01@north"])
def test_a_row_a_window_between_two(kept: str, namespace: str, api: Any, scope: str) -> None:
    """Months in order, one column for each KPI and stage; what cannot be computed is empty."""
    bounds = ["--kind", "month", "--from", "2016-11", "--to", "month:2017-02"]
    result = ran(
        kept, namespace, scope, *bounds, "--kpi", "won", "--kpi", "win_rate", "--kpi", "stage_entries", "--csv"
    )
    head, *rows = csv.reader(io.StringIO(result.stdout))

    assert head == [
        "window", "start", "state", "as_of", "currency", "won", "win_rate", "stage_entries default:lost",
        "stage_entries default:won",
    ]  # fmt: skip
    assert [(row[0], *row[5:]) for row in rows] == [
        (window, str(number), "", "", "2") for number, window in enumerate(MONTHS) if 10 <= number <= 13
    ]
    answer = api(f"{scope}?kind=month&from=2016-11&to=2017-02&kpi=won,win_rate")
    assert [(row["id"], row["kpis"]["won"]["value"]) for row in answer["windows"]] == [
        (row[0], int(row[5])) for row in rows
    ]


def test_all_of_a_kind_and_a_current_window(kept: str, namespace: str, api: Any) -> None:
    """Without bounds all that are kept; a current window by its kind."""
    everything = json.loads(ran(kept, namespace, "company", "--kind", "month", "--json").stdout)

    assert [row["id"] for row in everything["windows"]] == MONTHS
    assert [row["id"] for row in api("company?window=day")["windows"]] == ["day:2026-11-23"]
    assert api("company?window=now&kpi=open_pipeline")["windows"][0]["kpis"] == {"open_pipeline": {"value": 5_000_000}}


def test_a_kpi_day_by_day(kept: str, namespace: str, api: Any) -> None:
    """The command and the API say the same; a person reads the days down."""
    bounds = ["--from", "2026-11-16", "--to", "2026-11-20"]
    found = json.loads(ran(kept, namespace, "company", "--series", "calls", *bounds, "--json").stdout)

    assert [(row["day"], row["kpi"]) for row in found["days"] if row["kpi"]] == [
        ("2026-11-16", {"value": 30}), ("2026-11-20", {"value": 28})
    ]  # fmt: skip
    assert (len(found["days"]), found["days"][0]["worked_before"], found["days"][4]["week_before"]) == (5, 21, 21)
    answer = api("company?series=calls&from=2026-11-16&to=2026-11-20")
    assert answer.pop("freshness")["live"] is True
    assert answer == found
    assert "2026-11-20 Fri" in ran(kept, namespace, "company", "--series", "calls", *bounds).stdout
    cells = list(csv.reader(io.StringIO(ran(kept, namespace, "company", "--series", "calls", *bounds, "--csv").stdout)))
    assert cells[-1] == ["2026-11-20", "provisional", "28", "", "30", "21", *[""] * 4]
    missing = ran(kept, namespace, "company", "--series", "calls", "--from", "2026-11-24", "--to", "2026-11-26")
    assert missing.exit_code == 1
    assert api("company?series=calls&from=2026-11-24&to=2026-11-26", 404)["error"] in missing.stderr


def test_a_day_beside_what_is_usual_of_a_whole_one(kept: str, namespace: str, api: Any) -> None:
    """Of a rep by the days of the team: the holiday does not count. The day is not over, and its name says so."""
    five = {"value": 14, "low": pytest.approx(14 - 2 * 14**0.5), "high": pytest.approx(14 + 2 * 14**0.5), "n": 5}
    for scope, usual in (("rep:rep-01@north", five), ("company", {"value": None, "low": None, "high": None, "n": 1})):
        asked = [scope, "--window", "day", "--kpi", "calls"]
        (told,) = json.loads(ran(kept, namespace, *asked, "--json").stdout)["windows"]
        (answered,) = api(f"{scope}?window=day&kpi=calls")["windows"]

        assert told == answered
        assert (told["id"], told["kpis"]["calls"]) == ("day:2026-11-23", {"value": 12})
        assert told["usual_whole_day"]["calls"] == usual
        assert told["usual_whole_day"].keys() == told["kpis"].keys()
    (*_, named), (*_, unnamed) = (api(f"team:north?kind=day{more}")["windows"] for more in ("&kpi=calls", ""))
    assert (named["usual_whole_day"]["calls"]["value"], unnamed["usual_whole_day"]) == (42, None)
    table = ran(kept, namespace, "rep:rep-01@north", "--window", "day", "--kpi", "calls").stdout
    assert [line.strip("│ ").replace(" ", "").split("│") for line in table.splitlines() if " calls " in line] == [
        ["calls", "12", "14(6.5to21.5)"]
    ]


def test_a_day_of_a_series_beside_its_target_and_what_is_usual(kept: str, namespace: str, api: Any) -> None:
    """Mondays of the team that are over, and the present one: 42 calls are usual, of 30, 36, 42, 48 and 54."""
    asked = ["team:north", "--series", "calls", "--from", "2026-10-26"]
    found = json.loads(ran(kept, namespace, *asked, "--json").stdout)
    answer = api("team:north?series=calls&from=2026-10-26")
    by_day = {row["day"]: row for row in found["days"]}
    today = by_day["2026-11-23"]

    assert answer["days"] == found["days"]
    assert (today["whole"], today["target"], today["usual_whole_day"]["n"]) == (False, None, 5)
    assert today["usual_whole_day"]["value"] == 42
    assert by_day["2026-11-16"]["target"] == 40
    assert by_day["2026-11-16"]["usual_whole_day"] == {
        "value": 45, "low": pytest.approx(45 - 2 * 1.4826 * 6), "high": pytest.approx(45 + 2 * 1.4826 * 6), "n": 4,
    }  # fmt: skip
    assert by_day["2026-10-26"]["usual_whole_day"] == {"value": None, "low": None, "high": None, "n": 0}
    assert "45 (27.2 to 62.8)" in ran(kept, namespace, *asked).stdout


def test_a_person_reads_kpis_down_and_windows_across(kept: str, namespace: str) -> None:
    """With units and the currency."""
    result = ran(kept, namespace, "company", "--kind", "quarter", "--kpi", "bookings", "--kpi", "won")

    assert result.exit_code == 0
    assert "quarter:2017-Q3" in result.stdout
    assert "€24" in result.stdout


def test_a_wrong_window_is_refused_with_the_allowed_ones(kept: str, namespace: str, api: Any) -> None:
    """400, and one line and 2 on the command line; what is right and not kept is 404, and 1."""
    wrong = ran(kept, namespace, "company", "--window", "quarter:2017-Q7")
    missing = ran(kept, namespace, "company", "--window", "month:1999-01")

    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
    assert "'--window': 'quarter:2017-Q7' is no window; allowed: 5m, 15m" in wrong.stderr
    assert api("company?window=quarter:2017-Q7", 400)["error"].startswith(
        "window: 'quarter:2017-Q7' is no window; allo"
    )
    assert missing.exit_code == 1
    assert missing.stderr == "company has no figures of month:1999-01; kept are month:2016-01 to month:2017-12\n"
    assert api("company?window=month:1999-01", 404) == {"error": missing.stderr.strip()}
    assert api("team:nowhere?window=day", 404) == {"error": "no such scope"}
    assert ran(kept, namespace, "team:nowhere", "--window", "day").stderr.startswith("no such scope: team:nowhere; the")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("kind=decade", "kind: 'decade' is no kind of window"),
        ("kpi=won", "window: is not given"),
        ("series=win_rate&kind=day", "kind: is not given with series"),
        ("series=goals", "series: goals is a family"),
        ("against=year", "against: 'year' is no period to compare; allowed: week, month, quarter"),
        ("against=month&kpi=median_deal_size", "kpi: median_deal_size cannot be added up over days"),
        ("against=month&window=day", "window: is not given with against"),
        ("kind=month&from=2016", "from: '2016' is no month"),
        ("window=day&kpi=luck", "kpi: unknown luck"),
        ("window=day&window=week", "parameter window is given more than once"),
        ("window=day&team=north", "unknown parameter team; allowed: window, kind, from, to, kpi, series, against"),
    ],
)
def test_a_parameter_that_is_not_understood_is_refused(api: Any, asked: str, said: str) -> None:
    """And named."""
    assert api(f"company?{asked}", 400)["error"].startswith(said)
