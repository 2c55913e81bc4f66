"""A deployment in which one value of each kind of place was changed: the audit finds each of them and nothing else."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.report import Report
from pipeline.cli import app
from pipeline.config.settings import Settings, load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.kernel.partitioner import partition_of
from pipeline.scores.home import home_of
from pipeline.sending.event import Outgoing
from pipeline.sinks.redis_keys import Keys
from tests.harness.audited import PATIENCE, Deployment, rests
from tests.harness.busy_floor import Appended, organisation
from tests.harness.eventful_floor import append
from tests.harness.told_time import tell_time
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Place = tuple[str, str, str, str]
"""Where, scope, window, and KPI or what else it is."""
REACHES_BACK = "90d"
"""The window that holds what happened days ago on each day of a year: of a week or a month that may not be so."""


def happenings(now_ms: int) -> Iterator[Appended]:
    """Two weeks of calls up to two days ago, one of them odd, and a few deals."""
    for days in range(16, 1, -1):
        yield _call(f"c{days}", now_ms - days * DAY, now_ms - days * DAY, rep_id="01")
    for rep in ("03", "04"):
        yield _call(f"once-{rep}", now_ms - 4 * DAY, now_ms - 4 * DAY, rep_id=rep)
    yield _call("odd", now_ms - 3 * DAY, now_ms - 3 * DAY, rep_id="02", ended_at=now_ms - 3 * DAY - MINUTE)
    for name, stage in (("1", "new"), ("2", "offer"), ("3", "won")):
        at_ms = now_ms - 3 * DAY
        data: dict[str, Any] = {
            "owner_id": "02",
            "stage_id": stage,
            "created_at": at_ms,
            "amount_minor": 100,
            "currency": "EUR",
        }
        yield _told(event("deal", name, at_ms, **data), at_ms + 2 * HOUR)  # No sign of life of its source.


def more_reps(append_ms: int) -> Iterator[Appended]:
    """Two reps more, in a team that is patient for a minute and belongs to a group."""
    yield _told(event("team", "all", append_ms), append_ms)
    yield _told(event("team", "north", append_ms, silence_minutes=1, parent_id="all"), append_ms)
    for rep in ("03", "04"):
        yield _told(event("rep", rep, append_ms, active=True), append_ms)
        yield _told(
            event("membership", f"m{rep}", append_ms, rep_id=rep, team_id="north", valid_from=append_ms), append_ms
        )


def pass_time(settings: Settings, append_ms: int) -> None:
    """A rep calls at that time, and every source log tells of it."""
    append(settings, [_call(f"now-{append_ms}", append_ms, append_ms, rep_id="01")])
    tell_time(settings, append_ms)


def comes_to_light(now_ms: int) -> Appended:
    """A call of last week, of which nobody had heard."""
    return _call("late", now_ms - 9 * DAY, now_ms, rep_id="01")


def _call(name: str, at_ms: int, append_ms: int, **more: Any) -> Appended:
    known: dict[str, Any] = {
        "direction": "outbound", "outcome": "answered", "state": "ended", "started_at": at_ms, "answered_at": at_ms,
        "ended_at": at_ms + MINUTE,
    }  # fmt: skip
    return _told(event("call", name, at_ms, source="dialer-1", **(known | more)), append_ms)


def _told(given: dict[str, Any], append_ms: int) -> Appended:
    outgoing = Outgoing(given)
    return Appended(outgoing.topic, outgoing.key, outgoing.value, append_ms)


@dataclass(frozen=True)
class Tampering:
    """One value changed, by what changes it; what it gives is where the audit has to find it."""

    name: str
    change: Callable[[Deployment], Place]


def figure(at: Deployment) -> Place:
    """A number in Redis."""
    window = at.window("rep:01@north", "year")
    held = at.field("rep:01@north", f"{window}:calls")
    held["kpis"]["dials"]["value"] += 1
    at.put("rep:01@north", f"{window}:calls", held)
    return "redis", "rep:01@north", window, "dials"


def missing_figure(at: Deployment) -> Place:
    """A family that is not in Redis: of nothing else it has a number."""
    window = REACHES_BACK
    at.redis.hdel(Keys(at.settings.namespace).kpi("rep:02", "rep:02"), f"{window}:negative_talk")
    return "redis", "rep:02", window, "negative_talk"


def oddity(at: Deployment) -> Place:
    """A counted oddity."""
    window = REACHES_BACK
    held = at.field("company", f"{window}:negative_talk")
    held["kpis"]["negative_talk"]["value"] += 1
    at.put("company", f"{window}:negative_talk", held)
    return "redis", "company", window, "negative_talk"


def restated(at: Deployment) -> Place:
    """A window in Redis that nobody restated says that it was."""
    return _other_state(at, "rep:01@north", "final", "restated")


def not_restated(at: Deployment) -> Place:
    """A window in Redis that was restated says that it was not."""
    return _other_state(at, "team:north", "restated", "final")


def restated_group(at: Deployment) -> Place:
    """A window of a group says that it was restated; nobody did."""
    return _other_state(at, "group:all", "final", "restated")


def _other_state(at: Deployment, scope: str, from_state: str, to_state: str) -> Place:
    key = Keys(at.settings.namespace).past(home_of(scope), scope)
    fields: Any = at.redis.hgetall(key)
    for window, text in sorted(fields.items()):
        as_of_ms, start_ms, state, *rest = json.loads(text)
        if window.startswith("day:") and state == from_state and "calls" in rest[-1]:
            at.redis.hset(key, window, json.dumps([as_of_ms, start_ms, to_state, *rest]))
            return "redis", scope, window, "state"
    raise AssertionError(f"no {from_state} day of {scope}")


def early_final(at: Deployment) -> Place:
    """A window in Redis that is not over says that it is final."""
    window = at.window("team:north", "month")
    at.put("team:north", f"{window}:calls", {**at.field("team:north", f"{window}:calls"), "state": "final"})
    return "redis", "team:north", window, "state"


def impossible_version(at: Deployment) -> Place:
    """A version that no log has reached."""
    window = at.window("team:north", "quarter")
    held = at.field("team:north", f"{window}:calls")
    at.put("team:north", f"{window}:calls", {**held, "version": [held["version"][0], 10**9]})
    return "redis", "team:north", window, "version"


def other_time(at: Deployment) -> Place:
    """As of when a figure in Redis is."""
    window = REACHES_BACK
    held = at.field("company", f"{window}:deals")
    at.put("company", f"{window}:deals", {**held, "as_of": held["as_of"] + 1})
    return "redis", "company", window, "as of"


def no_window(at: Deployment) -> Place:
    """A window in Redis that there is not."""
    at.put("company", "day:1999-01-01:calls", at.field("company", f"{at.window('company', 'day')}:calls"))
    return "redis", "company", "day:1999-01-01", "window"


def no_figure(at: Deployment) -> Place:
    """Something in Redis that is no figure, in place of one of which nothing is known."""
    window = at.window("team:north", "day")
    at.redis.hset(at.key("team:north"), f"{window}:deals", "{")
    return "redis", "team:north", f"{window}:deals", "record"


def figure_of_nobody(at: Deployment) -> Place:
    """A figure in Redis of somebody who does not belong to the team."""
    window = REACHES_BACK
    held = at.field("rep:01@north", f"{window}:negative_talk")
    held["kpis"]["negative_talk"]["value"] = 3
    at.redis.hset(
        Keys(at.settings.namespace).kpi("team:north", "rep:ghost@north"), f"{window}:negative_talk", json.dumps(held)
    )
    return "redis", "rep:ghost@north", window, "negative_talk"


def fixed(at: Deployment) -> Place:
    """A window says that what happened in it can move no more."""
    window = at.window("team:north", "week")
    at.put("team:north", f"{window}:calls", {**at.field("team:north", f"{window}:calls"), "activities_fixed": True})
    return "redis", "team:north", window, "activities fixed"


def rank_score(at: Deployment) -> Place:
    """The value by which a rep is ranked."""
    at.redis.zincrby(Keys(at.settings.namespace).rank("team:north", "calls", "90d"), 1, "01")
    return "redis", "rep:01@north", "90d", "calls"


def missing_rank(at: Deployment) -> Place:
    """A rep who is not on a board."""
    at.redis.zrem(Keys(at.settings.namespace).rank("team:north", "won", "90d"), "02")
    return "redis", "rep:02@north", "90d", "won"


def rank_too_many(at: Deployment) -> Place:
    """Somebody on a board who does not belong to the team."""
    at.redis.zadd(Keys(at.settings.namespace).rank("team:north", "bookings", "90d"), {"ghost": 7})
    return "redis", "rep:ghost@north", "90d", "bookings"


def board_too_many(at: Deployment) -> Place:
    """A board of a team that there is not."""
    at.redis.zadd(Keys(at.settings.namespace).rank("team:ghost", "calls", "year"), {"01": 3})
    return "redis", "rep:01@ghost", at.window("company", "year"), "calls"


def funnel_entry(at: Deployment) -> Place:
    """The number of deals in a stage."""
    at.redis.hincrby(Keys(at.settings.namespace).funnel("team:north", "default"), "new", 1)
    return "redis", "team:north", "now", "funnel"


def missing_funnel(at: Deployment) -> Place:
    """A funnel key that is not there."""
    at.redis.hdel(Keys(at.settings.namespace).funnel("company", "default"), "offer")
    return "redis", "company", "now", "funnel"


def funnel_too_many(at: Deployment) -> Place:
    """A funnel of a process that there is not."""
    at.redis.hset(Keys(at.settings.namespace).funnel("rep:02", "other"), "new", "1")
    return "redis", "rep:02", "now", "funnel"


def missing_alert(at: Deployment) -> Place:
    """Somebody is silent, and Redis does not say so."""
    assert at.redis.hdel(Keys(at.settings.namespace).alerts("team:north"), "silent_rep:rep:02@north")
    return "redis", "rep:02@north", "", "silent_rep"


def alert_too_many(at: Deployment) -> Place:
    """Redis says of somebody at work that he is silent."""
    _put_alert(at, "silent_rep:rep:01@north", {**_alert(at, "03"), "scope": "rep:01@north"})
    return "redis", "rep:01@north", "", "silent_rep"


def alert_of_nobody(at: Deployment) -> Place:
    """Redis says of a team that there is not that it is silent."""
    ghost = {**_alert(at, "03"), "scope": "team:ghost", "home": "team:ghost"}
    at.redis.hset(Keys(at.settings.namespace).alerts("team:ghost"), "silent_team:team:ghost", json.dumps(ghost))
    return "redis", "team:ghost", "", "silent_team"


def other_alert(at: Deployment) -> Place:
    """Redis says otherwise than the topic when an alert opened."""
    held = _alert(at, "04")
    _put_alert(at, "silent_rep:rep:04@north", {**held, "opened_ms": held["opened_ms"] + 1})
    return "redis", "rep:04@north", "", "silent_rep"


def resolved_alert(at: Deployment) -> Place:
    """The topic says that somebody is silent no more who is."""
    held = _alert(at, "03")
    id_ = held["id"].encode()
    resolved = json.dumps({**held, "resolved_ms": held["opened_ms"] + 1}).encode()
    at.produce("alerts", partition_of(held["id"], at.settings.partitions), id_, resolved)
    return "alerts topic", "rep:03@north", "", "silent_rep"


def _alert(at: Deployment, rep: str) -> dict[str, Any]:
    held: Any = at.redis.hget(Keys(at.settings.namespace).alerts("team:north"), f"silent_rep:rep:{rep}@north")
    found: dict[str, Any] = json.loads(held)
    return found


def _put_alert(at: Deployment, id_: str, record: dict[str, Any]) -> None:
    at.redis.hset(Keys(at.settings.namespace).alerts("team:north"), id_, json.dumps({**record, "id": id_}))


def topic_figure(at: Deployment) -> Place:
    """A number on a KPI topic."""
    window = at.window("rep:01", "year")
    _on_topic(
        at, "rollup", f"rep:01|{window}", kpis=lambda kpis: kpis["calls"].update(value=kpis["calls"]["value"] + 1)
    )
    return "kpi topics", "rep:01", window, "calls"


def topic_oddity(at: Deployment) -> Place:
    """A counted oddity on a KPI topic."""
    window = REACHES_BACK
    _on_topic(at, "scoreboard", f"rep:02@north|{window}", kpis=lambda kpis: kpis.update(negative_talk={"value": 5}))
    return "kpi topics", "rep:02@north", window, "negative_talk"


def topic_end(at: Deployment) -> Place:
    """The end of a window on a KPI topic."""
    window = at.window("team:north", "year")
    _on_topic(at, "scoreboard", f"team:north|{window}", window=lambda told: told.update(end_ms=told["end_ms"] + 1))
    return "kpi topics", "team:north", window, "end"


def topic_no_window(at: Deployment) -> Place:
    """A window on a KPI topic that there is not."""
    records = at.kpi_records("scoreboard")
    partition, value = records[f"team:north|{at.window('team:north', 'day')}".encode()]
    value["window"]["id"] = "day:1999-01-01"
    _append(at, "scoreboard", records, partition, b"team:north|day:1999-01-01", value)
    return "kpi topics", "team:north", "day:1999-01-01", "window"


def topic_taken_out(at: Deployment) -> Place:
    """A record on a KPI topic that is there no more."""
    records, key = at.kpi_records("rollup"), f"rep:02|{REACHES_BACK}".encode()
    _append(at, "rollup", records, records[key][0], key, None)
    return "kpi topics", "rep:02", REACHES_BACK, "negative_talk"


def _on_topic(at: Deployment, stage: str, key: str, **changes: Callable[[Any], None]) -> None:
    """Append a record of which some fields are others."""
    records = at.kpi_records(stage)
    partition, value = records[key.encode()]
    for field, change in changes.items():
        change(value[field])
    _append(at, stage, records, partition, key.encode(), value)


def _append(
    at: Deployment, stage: str, records: dict[bytes, tuple[int, Any]], partition: int, key: bytes, value: Any
) -> None:
    """Append a record, None for a tombstone, and all cuts once more, so that it counts as published."""
    at.produce(f"kpis.{stage}", partition, key, None if value is None else json.dumps(value).encode())
    for cut, (place, held) in records.items():
        if cut.startswith(b"cut|"):
            at.produce(f"kpis.{stage}", place, cut, json.dumps(held).encode())


TAMPERINGS = [
    Tampering(each.__name__, each)
    for each in (
        figure, missing_figure, oddity, restated, not_restated, restated_group, early_final, impossible_version,
        other_time, no_window, no_figure, figure_of_nobody, fixed, rank_score, missing_rank, rank_too_many,
        board_too_many, funnel_entry, missing_funnel, funnel_too_many, missing_alert, alert_too_many, alert_of_nobody,
        other_alert, resolved_alert, topic_figure, topic_oddity,
        topic_end, topic_no_window, topic_taken_out,
    )
]  # fmt: skip


@dataclass(frozen=True)
class Tampered:
    """What the audit found before, also as a command, where values were changed, and what it found then."""

    before: Report
    agreed: Result
    changed: dict[str, Place]
    after: Report
    env: dict[str, str]

    def found(self) -> set[Place]:
        """Where."""
        return {(each.where, each.scope, each.window, each.kpi) for each in self.after.differences}


@pytest.fixture(scope="module")
def tampered(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Tampered]:
    """A small floor at rest, in which all values were changed at once after its worker had ended."""
    with ExitStack() as stack:
        given = {
            "EMBEDDED": "true", "NAMESPACE": "tampered", "BROKERS": stack.enter_context(embedded_broker()),
            "KAFKA_API_VERSION": API_VERSION, "REDIS_URL": redis_server.url, "FEED_KNOWN_DAYS": "0",
            "FINALITY_HOURS": "0",
            **dict.fromkeys(("PUBLISH_REPS", "PUBLISH_MEMBERS", "PUBLISH_REPS_FAMILIES"), "all"),
        }  # fmt: skip
        env = {f"SALESPULSE_{name}": value for name, value in given.items()}
        settings = load_settings(env)
        now_ms = clock.now_ms()
        append(settings, [each._replace(append_ms=now_ms - 17 * DAY) for each in organisation(now_ms)])
        append(settings, more_reps(now_ms - 17 * DAY))
        append(settings, sorted(happenings(now_ms), key=lambda each: each.append_ms))
        log = tmp_path_factory.mktemp("tampered") / "worker.log"
        with WorkerProcess(env, log, free_port()) as worker:
            worker.until_ready()
            assert rests(settings)
            append(settings, [comes_to_light(clock.now_ms())])
            for minutes in (1, 9):
                assert rests(settings)
                pass_time(settings, clock.now_ms() + minutes * MINUTE)
            assert rests(settings)
        redis = stack.enter_context(Redis.from_url(redis_server.url, decode_responses=True))
        yield _tampered(settings, env, redis)


def _tampered(settings: Settings, env: dict[str, str], redis: "Redis") -> Tampered:
    before = Audit(settings).run(PATIENCE)
    agreed = CliRunner().invoke(app, ["audit"], env=env)
    at = Deployment(settings, env, redis, "", before)
    changed = {each.name: each.change(at) for each in TAMPERINGS}
    return Tampered(before, agreed, changed, Audit(settings).run(PATIENCE), env)


NOT_ON_THIS_FLOOR = {
    "absent in redis", "ramping in redis", "industry in redis", "special_days in redis", "limits in redis",
    "achievements", "contests",
}  # fmt: skip


def test_nothing_is_found_where_nothing_was_changed(tampered: Tampered) -> None:
    """And much was looked at, in each kind of place."""
    assert tampered.before.differences == []
    assert tampered.before.quiet
    assert tampered.before.notes == []
    looked_at = {place for place, number in tampered.before.numbers.items() if number > 0}
    assert tampered.before.numbers.keys() - looked_at <= NOT_ON_THIS_FLOOR


@pytest.mark.parametrize("name", [each.name for each in TAMPERINGS])
def test_each_value_that_was_changed_is_found(tampered: Tampered, name: str) -> None:
    """Under the name of its place."""
    assert tampered.changed[name] in tampered.found()


def test_nothing_else_is_found(tampered: Tampered) -> None:
    """What was changed, and only that; of a record that was taken out each of its figures."""
    gone = tampered.changed["topic_taken_out"]

    assert tampered.after.quiet
    assert {gone if place[:3] == gone[:3] else place for place in tampered.found()} == set(tampered.changed.values())


def test_the_command_ends_with_what_it_found(tampered: Tampered) -> None:
    """It ends with 0 and `differences: 0`, or with 1, a table and how many there are; with --json in JSON."""
    run = CliRunner()
    differed = run.invoke(app, ["audit"], env=tampered.env)
    in_json = run.invoke(app, ["audit", "--json"], env=tampered.env)

    assert tampered.agreed.exit_code == 0
    assert tampered.agreed.stdout.splitlines()[-1] == "differences: 0"
    assert differed.exit_code == 1
    assert differed.stdout.splitlines()[-1] == f"differences: {len(tampered.after.differences)}"
    assert "team:north" in differed.stdout
    assert in_json.exit_code == 1
    assert {each["kpi"] for each in json.loads(in_json.stdout)["differences"]} >= {"dials", "silent_rep"}
