"""The same job written the ordinary way in stock Faust: an agent per topic, tables for state, one event at a time.

It checks events with the same pydantic models, keeps the newest version of each object, takes back what the version
before counted, and adds up measures per rep and team, by minute and local day. Once a second it publishes what
changed, with the rates, to Redis and a KPI topic. It does less than the whole job: no funnel, links, rolling windows,
larger scopes or alerts, at-least-once counting, and an organisation that is read once.

Run as `python -m benchmarks.stock_faust --brokers … --redis …`; it ends with SIGTERM.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import faust
import redis.asyncio
from confluent_kafka import Consumer
from pydantic import ValidationError

from benchmarks.load import create_topics
from benchmarks.peer import KPIS, PARTITIONS, RATES, Peer
from benchmarks.servers import Servers
from schemas import crm, telephony
from schemas.events import Event, adapter

PREFIX = "stock"
CHANGES, DEAD_LETTERS = "changes", "dead-letters"
READY_KEY = f"{PREFIX}:ready"
TABLES = ("crm-objects", "telephony-objects", "counters")

Counts = dict[str, int]
"""What an object counts for: amounts by `<rep>|<epoch ms>|<measure>`."""


class Organisation:
    """Who belongs to which team, and which zone that keeps; read before the first event."""

    def __init__(self) -> None:
        self.team_of: dict[str, str] = {}
        self.zone_of: dict[str, ZoneInfo] = {}

    def read(self, brokers: str) -> None:
        """Read the organisation's topic from its start to its present end."""
        options = {"bootstrap.servers": brokers, "group.id": f"{PREFIX}-organisation", "enable.partition.eof": True}
        consumer = Consumer({**options, "auto.offset.reset": "earliest", "enable.auto.commit": False})
        topic = topic_name("org.changes")
        left = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        consumer.subscribe([topic])
        parse = adapter("org").validate_json
        while left:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error():
                left -= 1  # the end of one partition
            else:
                self.learn(parse(message.value() or b""))
        consumer.close()

    def learn(self, event: Event) -> None:
        """Take over what one event says."""
        if event.type == "org.membership.changed":
            self.team_of[event.data.rep_id] = event.data.team_id
        elif event.type == "org.team.changed":
            self.zone_of[event.subject.removeprefix("team:")] = ZoneInfo(event.data.time_zone)


def topic_name(name: str) -> str:
    """The topic on the broker."""
    return f"{PREFIX}.{name}"


def counts(event: Event) -> Counts:
    """What this version of an object counts for, each at its own time."""
    data, found = event.data, Counter[str]()
    match data:
        case telephony.CallChange():
            found[f"{data.rep_id}|{data.started_at}|calls"] = 1
            found[f"{data.rep_id}|{data.started_at}|dials"] = int(data.direction == "outbound")
            found[f"{data.rep_id}|{data.started_at}|connected"] = int(data.outcome == "answered")
            found[f"{data.rep_id}|{data.ended_at}|talk_ms"] = data.talk_seconds or 0
        case crm.EmailChange():
            found[f"{data.rep_id}|{data.sent_at}|{'emails_bulk' if data.bulk else 'emails'}"] = 1
        case crm.MeetingChange():
            found[f"{data.rep_id}|{data.booked_at}|meetings_set"] = 1
            found[f"{data.rep_id}|{data.starts_at}|meetings_held"] = int(data.status == "held")
        case crm.DealChange():
            found[f"{data.owner_id}|{data.created_at}|deals_created"] = 1
            if data.stage_id in ("won", "lost"):
                found[f"{data.owner_id}|{event.time}|{data.stage_id}"] = 1
            if data.stage_id == "won":
                found[f"{data.owner_id}|{event.time}|won_minor"] = data.amount_minor or 0
    return dict(found)


def kpis(measures: Counts) -> dict[str, float | None]:
    """The measures of one scope and window with the rates over them, null where there is no denominator."""
    sums = {**measures, "closed": measures.get("won", 0) + measures.get("lost", 0)}
    rates = {name: sums.get(top, 0) / sums[bottom] if sums.get(bottom) else None for name, top, bottom in RATES}
    return {**measures, **rates}


def create_app(brokers: str, redis_url: str, partitions: int, organisation: Organisation) -> faust.App:  # noqa: PLR0915
    """The application: two intakes, the counters, and the publisher."""
    app = faust.App(
        PREFIX,
        broker=f"kafka://{brokers}",
        store="memory://",
        topic_partitions=partitions,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
    )
    changes = app.topic(topic_name(CHANGES), key_type=str, value_serializer="json")
    kpi_topic = app.topic(topic_name(KPIS), key_type=str, value_serializer="json")
    dead_letters = app.topic(topic_name(DEAD_LETTERS), value_type=bytes, value_serializer="raw")
    counters = app.Table("counters", default=dict, partitions=partitions)
    changed: dict[str, set[str]] = defaultdict(set)
    client = redis.asyncio.from_url(redis_url)

    def intake(domain: str) -> None:
        """Check, keep the newest version, and send the difference to each team it concerns."""
        objects = app.Table(f"{domain}-objects", partitions=partitions)
        parse = adapter(domain).validate_json
        source = app.topic(topic_name(f"{domain}.events"), key_type=str, value_type=bytes, value_serializer="raw")

        async def take(stream: faust.StreamT[bytes]) -> None:
            async for value in stream:
                try:
                    event = parse(value)
                except ValidationError:
                    await dead_letters.send(value=value)
                    continue
                known = objects.get(event.subject)
                version = [event.time, event.id]
                if known is not None and known["version"] >= version:
                    continue
                now = counts(event)
                objects[event.subject] = {"version": version, "counts": now}
                difference = Counter(now)
                difference.subtract({} if known is None else known["counts"])
                by_team: dict[str, Counts] = defaultdict(dict)
                for place, amount in difference.items():
                    if amount:
                        by_team[organisation.team_of[place.partition("|")[0]]][place] = amount
                for team, amounts in by_team.items():
                    await changes.send(key=team, value=amounts)

        app.agent(source, name=f"{domain}-intake")(take)

    @app.agent(changes)
    async def count(stream: faust.StreamT[Counts]) -> None:
        """Add the differences to the counters of the rep and of the team."""
        async for team, amounts in stream.items():
            sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
            for place, amount in amounts.items():
                rep, at_ms, measure = place.split("|")
                local_day = datetime.fromtimestamp(int(at_ms) / 1000, UTC).astimezone(organisation.zone_of[team]).date()
                for scope in (f"team:{team}", f"rep:{rep}@{team}"):
                    sums[scope, f"day:{local_day}"][measure] += amount
                    sums[scope, f"minute:{int(at_ms) // 60_000}"][measure] += amount
            for (scope, window), added in sums.items():
                total = Counter(counters[f"{scope}|{window}"])
                total.update(added)
                counters[f"{scope}|{window}"] = dict(total)
                changed[scope].add(window)

    @app.timer(1.0)  # type: ignore[untyped-decorator]
    async def publish() -> None:
        """Once a second, write what changed to Redis and to the KPI topic."""
        batch = [(scope, window) for scope, windows in changed.items() for window in windows]
        changed.clear()
        pipeline = client.pipeline(transaction=False)
        for scope, window in batch:
            figures = kpis(counters[f"{scope}|{window}"])
            pipeline.hset(f"{PREFIX}:{scope}", window, json.dumps(figures))
            await kpi_topic.send(key=f"{scope}|{window}", value=figures)
        await pipeline.execute()

    @app.timer(0.1)  # type: ignore[untyped-decorator]
    async def tell_ready() -> None:
        """Say that partitions are assigned and tables are recovered."""
        if app.consumer.assignment() and not app.rebalancing and not app.tables.recovery.in_recovery:  # type: ignore[attr-defined]
            await client.set(READY_KEY, 1)

    intake("crm")
    intake("telephony")
    return app


def _command(servers: Servers) -> list[str]:
    options = ["--brokers", servers.brokers, "--redis", servers.redis_url, "--partitions", str(PARTITIONS)]
    return [sys.executable, "-m", "benchmarks.stock_faust", *options]


STOCK_FAUST = Peer(PREFIX, _command, (CHANGES, DEAD_LETTERS))


def main() -> None:
    """Run one worker until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--partitions", type=int, default=4)
    options = parser.parse_args()
    # Faust would make them itself, but forgets an event that comes before it has noticed that they are there.
    create_topics(options.brokers, (f"{PREFIX}-{table}-changelog" for table in TABLES), options.partitions)
    organisation = Organisation()
    organisation.read(options.brokers)
    app = create_app(options.brokers, options.redis, options.partitions, organisation)
    sys.argv = [PREFIX, "worker", "--loglevel", "info", "--without-web"]
    app.main()


if __name__ == "__main__":
    main()
