"""The API of the page, over HTTP, and its stream of changes."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from pipeline.scores.figures import Figure
from pipeline.scores.kpis import KPIS
from pipeline.topics.table import STAGES
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.harness.published import NOON_MS, best_day, contest, figure, publish, sales_floor, silent
from tests.harness.vouching import PARTITIONS, vouch, vouching
from tests.servers.process import wait_until
from tests.servers.redis import RedisServer

DAY = "2026-11-23"


@dataclass
class Api:
    """The page's server, and the Redis under it."""

    host: str
    redis_url: str
    namespace: str

    @contextmanager
    def get(self, path: str, **headers: str) -> Iterator[HTTPResponse]:
        """Ask for a path."""
        with closing(HTTPConnection(self.host, timeout=15)) as connection:
            connection.request("GET", path, headers=headers)
            with connection.getresponse() as answer:
                yield answer

    def asked(self, path: str) -> bool:
        """Whether a path has an answer."""
        with self.get(path) as answer:
            return answer.status == 200

    def json(self, path: str, status: int = 200) -> Any:
        """What a path answers."""
        with self.get(path) as answer:
            assert answer.status == status
            return json.loads(answer.read())


@contextmanager
def board(redis_url: str, namespace: str) -> Iterator[Api]:
    """The server over a small sales floor with 12 calls and one alert."""
    publish(
        redis_url,
        namespace,
        sales_floor(12, 1),
        [silent("team:south", "team:south")],
        recognition=[contest(), best_day()],
    )
    with (
        Redis.from_url(redis_url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening) as address,
    ):
        yield Api(urlsplit(address).netloc, redis_url, namespace)


@pytest.fixture(scope="module")
def api(redis_server: RedisServer) -> Iterator[Api]:
    """One server for all who only ask: it takes a second to end."""
    with board(redis_server.url, "asked") as served:
        yield served


@pytest.fixture
def own_api(redis_server: RedisServer, namespace: str) -> Iterator[Api]:
    """A server of the test's own, for who counts its answers or changes its figures."""
    with board(redis_server.url, namespace) as served:
        yield served


def events(answer: HTTPResponse) -> Iterator[tuple[str, Any]]:
    """The events of a stream, as they come."""
    name = ""
    while line := answer.readline().decode().strip("\r\n") or " ":
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_figures_of_one_window(api: Api) -> None:
    """Figures of the window asked for and of now, for every scope but reps within a team."""
    found = api.json("/api/v1/figures?window=1h")

    assert found["window"] == "1h"
    assert found["as_of"] == "2026-11-23T12:00:00.001Z"
    assert set(found["scopes"]) == {"company", "team:north", "team:south", "rep:rep-01", "rep:rep-02"}
    assert found["scopes"]["company"]["kpis"] == {"calls": {"value": 1}, "open_pipeline": {"value": 5_000_000}}


def test_everything_of_one_scope(api: Api) -> None:
    """All current windows of a scope, reps within a team included; an unknown scope is not found."""
    found = api.json("/api/v1/figures/rep:rep-01@north")

    assert found["home"] == "team:north"
    assert found["windows"]["day"]["id"] == "day:2026-11-23"
    assert found["windows"]["day"]["kpis"]["calls"] == {"value": 12}
    assert api.json("/api/v1/figures/team:nowhere", 404) == {"error": "no such scope"}


def test_definitions_and_alerts(api: Api) -> None:
    """The KPI table, and the open alerts with what they say in words."""
    assert [row["name"] for row in api.json("/api/v1/kpis")] == [kpi.name for kpi in KPIS]
    assert api.json("/api/v1/windows")[0] == {"name": "5m", "title": "5 min", "reps": True}
    assert [(alert["id"], alert["summary"]) for alert in api.json("/api/v1/alerts")] == [
        ("silent_team:team:south", "whole team silent for 20 working minutes, since 11:40:00 UTC")
    ]


def test_contests_say_who_stands_where(api: Api) -> None:
    """Each with what money is in, and how far it is in words."""
    (found,) = api.json("/api/v1/contests")

    assert (found["id"], found["title"], found["state"], found["summary"]) == (
        "contest:sprint", "Sprint", "running", "until 2026-11-27",
    )  # fmt: skip
    assert found["standings"][0] == {"scope": "rep:rep-01", "place": 1, "value": 500_000, "n": None}
    assert (found["currency"], found["currency_digits"], found["end"]) == ("EUR", 2, "2026-11-23T12:00:00.002Z")


def test_what_somebody_achieved_is_told(api: Api) -> None:
    """In words too; of whom nothing is told there is an empty list, and nobody is not found."""
    (found,) = api.json("/api/v1/recognition/rep:rep-01")

    assert (found["kind"], found["value"], found["summary"]) == ("best", 41, "best day by calls: 41 on 2026-11-20")
    assert api.json("/api/v1/recognition/rep:rep-02") == []
    assert api.json("/api/v1/recognition/rep:nobody", 404) == {"error": "no such scope"}


def phoned(scope: str, *stretches: tuple[str, int, int | None]) -> Figure:
    """A rep's figure of the day, with the states of the phone."""
    told = [{"state": state, "from_ms": begin, "to_ms": end} for state, begin, end in stretches]
    kpis = {"phone_timeline": {"value": len(told), "stretches": told, "beyond": 0}}
    return figure(f"team:{scope.partition('@')[2]}", scope, "day", kpis, 2)


def test_a_timeline_is_of_a_rep_in_all_teams(own_api: Api) -> None:
    """Who moved at noon has both parts of the day; of a team there is none, and nobody is not found."""
    began_ms, noon_ms = NOON_MS - 3 * 3_600_000, NOON_MS
    publish(
        own_api.redis_url,
        own_api.namespace,
        [
            phoned("rep:rep-01@north", ("on_call", began_ms, noon_ms)),
            phoned("rep:rep-01@south", ("break:lunch", noon_ms, None)),
        ],
    )
    wait_until(lambda: own_api.asked("/api/v1/timelines/rep:rep-01@south"), "the timeline is served")
    found = own_api.json("/api/v1/timelines/rep:rep-01")
    described = own_api.json("/api/v1/openapi.json")
    asked = described["paths"]["/api/v1/timelines/{scope}"]["get"]["responses"]["200"]
    schema = asked["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": strict(described["components"])}).validate(found)

    assert found == {
        "scope": "rep:rep-01",
        "stretches": [
            {"team": "north", "state": "on_call", "start": f"{DAY}T09:00:00.000Z", "end": f"{DAY}T12:00:00.000Z"},
            {"team": "south", "state": "break:lunch", "start": f"{DAY}T12:00:00.000Z", "end": None},
        ],
        "beyond": 0,
    }
    assert own_api.json("/api/v1/timelines/team:north", 404)["error"].startswith("no timeline of team:north")
    assert own_api.json("/api/v1/timelines/rep:nobody", 404) == {"error": "no such scope"}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("figures", "figures"), ("figures", "figures?window=1h"), ("figures/{scope}", "figures/rep:rep-01@north"),
        ("figures/{scope}", "figures/company?window=day"), ("figures/{scope}", "figures/company?kind=day&kpi=calls"),
        ("figures/{scope}", "figures/company?series=calls"), ("figures/{scope}", "figures/company?series=stage_time"),
        ("alerts", "alerts"), ("contests", "contests"),
        ("recognition/{scope}", "recognition/rep:rep-01"), ("kpis", "kpis"), ("windows", "windows"),
        ("freshness", "freshness"),
    ],
)  # fmt: skip
def test_every_answer_is_as_it_is_described(own_api: Api, template: str, path: str) -> None:
    """Nothing that the description does not say, and all that it says is there; refusals too."""
    vouch(own_api.redis_url, own_api.namespace)
    described = own_api.json("/api/v1/openapi.json")
    asked = described["paths"][f"/api/v1/{template}"]["get"]["responses"]

    for status, answer in (("200", own_api.json(f"/api/v1/{path}")), ("400", own_api.json("/api/v1/kpis?x=1", 400))):
        schema = asked[status]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": strict(described["components"])}).validate(answer)


def strict(schema: Any) -> Any:
    """The same models, and no field beside theirs."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if schema.get("type") == "object" and "properties" in schema else {}
    return {**{name: strict(each) for name, each in schema.items()}, **closed}


def test_amounts_say_how_many_digits_they_have(api: Api) -> None:
    """Of each scope: a reader needs no list of currencies."""
    assert {each["currency_digits"] for each in api.json("/api/v1/figures")["scopes"].values()} == {2}


@pytest.mark.parametrize(
    "path", ["figures", "figures/company", "alerts", "kpis", "windows", "freshness", "openapi.json"]
)
@pytest.mark.parametrize("asked", ["kpis=calls", "Window=day", "window=day&team=north", "="])
def test_no_parameter_is_passed_over(api: Api, path: str, asked: str) -> None:
    """Whatever is asked for and not understood is refused, with what is allowed."""
    error = api.json(f"/api/v1/{path}?{asked}", 400)["error"]

    assert error.startswith("unknown parameter")
    allowed = {"figures": "allowed: window", "figures/company": "allowed: window, kind, from, to, kpi, series, against"}
    assert error.endswith(f"; {allowed.get(path, 'none is allowed here')}")


def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    """One of the two would be passed over."""
    assert api.json("/events?window=day&window=week", 400) == {"error": "parameter window is given more than once"}


def test_every_figure_says_who_vouches_for_it(own_api: Api) -> None:
    """All together, each scope, and each partition: state, since when, why, up to when, and how old that is."""
    vouch(own_api.redis_url, own_api.namespace)
    figures, scope = own_api.json("/api/v1/figures"), own_api.json("/api/v1/figures/rep:rep-01@north")
    partitions = own_api.json("/api/v1/freshness")
    told = [figures["freshness"], scope["freshness"], *(each["freshness"] for each in figures["scopes"].values())]

    for each in told:
        assert (each["state"], each["live"], each["since"], each["why"]) == ("live", True, None, "")
        assert each["age_seconds"] >= 0
    assert {(each["stage"], each["partition"]) for each in partitions["partitions"]} == {
        (stage, partition) for stage in STAGES for partition in range(PARTITIONS)
    }


def test_a_window_says_from_when_it_is(api: Api) -> None:
    """Its id, and its first instant where it begins at a midnight."""
    assert api.json("/api/v1/figures")["scopes"]["company"]["window"] == {"id": "day:2026-11-23", "start": None}
    assert api.json("/api/v1/figures?window=1h")["scopes"]["company"]["window"] == {"id": "1h", "start": None}


def test_a_quiet_stream_goes_on_to_speak(own_api: Api) -> None:
    """Where nothing happens, who vouches is said again: a browser can tell quiet from dead."""
    with vouching(own_api.redis_url, own_api.namespace), own_api.get("/events") as answer:
        stream = events(answer)
        names = [next(stream)[0] for _ in range(6)]

    assert names == ["figures", "alerts", "contests", "achievements", "freshness", "freshness"]


def test_a_stream_ends_with_the_server(
    redis_server: RedisServer, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever still looks gets the rest and an end; nothing is cancelled, and no error stands in the log."""
    with caplog.at_level("INFO"), ExitStack() as browser:
        with board(redis_server.url, namespace) as served:
            answer = browser.enter_context(served.get("/events"))
            assert next(events(answer))[0] == "figures"
        assert b"event: alerts" in answer.read()

    assert [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_the_board_is_watched(own_api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """Its health, its metrics by path and status, and a line in the log for each request that is no probe."""
    with caplog.at_level("INFO", logger="pipeline.web.access"):
        assert own_api.json("/healthz") == {"status": "ok", "missing": []}
        own_api.json("/api/v1/figures?window=x", 400)
        own_api.json("/api/v1/figures/team:nowhere", 404)
        with own_api.get("/metrics") as answer:
            families = {each.name: each for each in text_string_to_metric_families(answer.read().decode())}
    counted = {(s.labels["path"], s.labels["status"]): s.value for s in families["salespulse_board_requests"].samples}

    assert counted == {("/healthz", "200"): 1, ("/api/v1/figures", "400"): 1, ("/api/v1/figures", "404"): 1}
    assert families["salespulse_board_redis_up"].samples[0].value == 1
    assert families["salespulse_board_figures_live"].samples[0].labels == {"namespace": own_api.namespace}
    lines = [record.getMessage() for record in caplog.records if record.name == "pipeline.web.access"]
    assert [line.rpartition(" in ")[0] for line in lines] == [
        "127.0.0.1 GET '/api/v1/figures?window=x' 400",
        "127.0.0.1 GET '/api/v1/figures/team:nowhere' 404",
    ]


def test_every_route_of_the_api_is_counted_by_its_path(own_api: Api) -> None:
    """Without the scope; what is no path of the API is a page."""
    described = own_api.json("/api/v1/openapi.json")["paths"]
    for path in described:
        with own_api.get(path.replace("{scope}", "company").replace("{home}", "company")) as answer:
            answer.read()
    with own_api.get("/metrics") as answer:
        families = {each.name: each for each in text_string_to_metric_families(answer.read().decode())}
    counted = {sample.labels["path"] for sample in families["salespulse_board_requests"].samples}

    assert counted == {path.partition("/{")[0] for path in described} | {"/api/v1/openapi.json"}


@pytest.mark.parametrize("path", ["/api/v1/figures?window=decade", "/events?window=decade"])
def test_an_unknown_window_is_refused(api: Api, path: str) -> None:
    """The answer says which windows there are."""
    assert api.json(path, 400)["error"].startswith("window is not one of 5m, 15m, 1h")


def test_the_stream_begins_with_everything_and_goes_on_with_changes(own_api: Api) -> None:
    """First all scopes, alerts, contests, achievements and who vouches for them, then the scopes that changed."""
    with own_api.get("/events?window=day") as answer:
        stream = events(answer)
        first = [next(stream) for _ in range(5)]
        publish(own_api.redis_url, own_api.namespace, sales_floor(57, 2)[:3])
        name, change = next(stream)

    assert [each for each, _ in first] == ["figures", "alerts", "contests", "achievements", "freshness"]
    assert len(first[0][1]["scopes"]) == 5
    assert (first[4][1]["live"], first[4][1]["stale"]) == (True, [])
    assert name == "figures"
    assert change["scopes"].keys() == {"team:north"}
    assert change["scopes"]["team:north"]["kpis"]["calls"] == {"value": 57}


def test_a_browser_is_told_to_run_nothing_but_ours(api: Api) -> None:
    """Every answer has a content policy; the page and its parts are served with their types."""
    types = {"/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript", "/pulse.svg": "image/svg+xml"}
    for path, kind in types.items():
        with api.get(path) as answer:
            assert answer.status == 200
            assert answer.headers["content-type"].partition(";")[0] == kind
            assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_files_outside_the_page_are_not_served(api: Api) -> None:
    """No path leads out of the folder."""
    for path in ("/../server.py", "/%2e%2e/server.py", "/..%2fserver.py"):
        with api.get(path) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/api/v1/figures", "/events", "/api/v1/figures/", "/metrics", "/healthz"])
def test_a_page_of_somebody_else_reads_nothing(api: Api, path: str) -> None:
    """A name that the board was not told may be anybody's who had it resolve to this machine; nor is it repeated."""
    with api.get(path, Host="evil.example:8080") as answer:
        assert answer.status == 421
        assert "evil" not in f"{answer.headers}{answer.read().decode()}"


@pytest.mark.parametrize("path", ["kpis", "windows", "alerts"])
def test_who_has_an_answer_already_is_told_so(api: Api, path: str) -> None:
    """By its tag, whether given alone or among others. (That of figures changes with their age, every second.)"""
    with api.get(f"/api/v1/{path}") as answer:
        tag = answer.headers["etag"]
        assert json.loads(answer.read())
    for given in (tag, f'"other", W/{tag}'):
        with api.get(f"/api/v1/{path}", **{"If-None-Match": given}) as answer:
            assert (answer.status, answer.headers["etag"], answer.read()) == (304, tag, b"")
    with api.get(f"/api/v1/{path}", **{"If-None-Match": '"other"'}) as answer:
        assert answer.status == 200


def test_a_line_that_is_too_long_writes_no_traceback(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """It is refused, and anybody could fill the log with it."""
    host, _, port = api.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        with suppress(ConnectionError):
            connection.sendall(b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")

    assert not [record for record in caplog.records if record.exc_info]
