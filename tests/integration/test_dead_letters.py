"""Dead letters on the embedded broker: refused, listed, replayed once; and a worker that halts while too many come."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline import clock
from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.policies import proofs
from pipeline.topics.table import full_name
from schemas.dead_letters import Arrival, Origin, arrival_headers
from schemas.events import iso
from tests.harness.worker import WorkerProcess
from tests.integration.test_end_to_end import Floor
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer

SECONDS = 45
EARLY_MS = 8000
LINGER_MS = 60_000
"""Longer than it takes to hand all records to a producer: they leave when it is flushed."""
BAD_KEY = b"call:bad\x1b"


@dataclass
class Letters(Floor):
    """A floor whose worker allows no event from the future, and the command line beside it."""

    more: tuple[tuple[str, str], ...] = (("FUTURE_TOLERANCE_SECONDS", "0"),)

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, **{f"SALESPULSE_{name}": value for name, value in self.more}}

    def run(self, *arguments: str) -> Result:
        """`salespulse dead-letters` with these arguments."""
        return CliRunner().invoke(app, ["dead-letters", *arguments], env=self.env)

    def listed(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What `list` says, by reason."""
        return {letter["reason"]: letter for letter in json.loads(self.run("list", "--json", *arguments).stdout)}

    def send(self, value: bytes, headers: tuple[tuple[str, bytes], ...] = (), times: int = 1) -> None:
        """Produce bytes to the telephony topic, all to one partition, in one batch.

        The embedded broker gives one batch with a fetch, and what is fetched first must be enough for a worker to halt.
        """
        producer = KafkaProducer(**kafka_python_options(self.settings), linger_ms=LINGER_MS)
        topic = full_name(self.settings.namespace, "telephony.events")
        sent = [producer.send(topic, value, BAD_KEY, list(headers), 0) for _ in range(times)]
        producer.flush(timeout=SECONDS)
        for each in sent:
            each.get(timeout=0)
        producer.close()


@pytest.fixture
def floor(embedded_settings: Settings, redis_server: RedisServer, tmp_path: Path) -> Iterator[Letters]:
    """A deployment on the embedded broker."""
    with Redis.from_url(redis_server.url) as client:
        yield Letters(embedded_settings, client, tmp_path)


def early_call(at_ms: int) -> bytes:
    """A call that is said to have happened at an instant."""
    event = {
        "specversion": "1.0",
        "id": "early",
        "source": "test",
        "type": "telephony.call.changed",
        "subject": "call:early",
        "time": iso(at_ms),
        "data": {"rep_id": "rep-01", "direction": "outbound", "state": "ended", "started_at": iso(at_ms - 60_000)},
    }
    return json.dumps(event).encode()


@pytest.mark.slow
def test_letters_are_replayed_once_and_count_their_attempts(floor: Letters) -> None:
    """A letter whose time has come is taken in once, however often it is replayed; a bad one stays one letter."""
    floor.organise()
    early_ms = clock.now_ms() + EARLY_MS
    early = early_call(early_ms)
    floor.send(early)
    floor.send(b"{\xff")
    with floor.worker() as worker:
        worker.until_ready()
        wait_until(lambda: set(floor.listed()) == {"future", "invalid_json"}, "both letters", SECONDS)
        letters = floor.listed()
        origins = {reason: letter["origin"] for reason, letter in letters.items()}
        assert {letter["attempt"] for letter in letters.values()} == {1}

        shown = json.loads(floor.run("show", origins["invalid_json"], "--json").stdout)
        assert (shown["value"], shown["value_base64"], shown["key"]) == (None, "e/8=", BAD_KEY.decode())
        assert "\x1b" not in floor.run("show", origins["invalid_json"]).stdout
        assert floor.run("show", "crm.events/0/99").exit_code == 1
        assert [letter["reason"] for letter in json.loads(floor.run("list", "--json", "--until", "1h").stdout)] == []

        dry = json.loads(floor.run("replay", "--all", "--dry-run", "--json").stdout)
        assert (dry["dry_run"], sorted(dry["replayed"])) == (True, sorted(origins.values()))
        assert floor.listed() == letters

        wait_until(lambda: clock.now_ms() > early_ms, "the early call's time", SECONDS)
        assert "2 replayed" in floor.run("replay", "--all").stdout
        floor.until("team:north", "1h", calls=1)
        wait_until(lambda: floor.listed().get("invalid_json", {}).get("attempt") == 2, "the second attempt", SECONDS)
        assert set(floor.listed()) == {"invalid_json"}
        assert {reason: letter["origin"] for reason, letter in floor.listed("--replayed").items()} == origins

        again = json.loads(floor.run("replay", origins["future"], "--json").stdout)
        assert (again["replayed"], again["left"]) == ([], {"already replayed": 1})
        # As after a crash between sending a letter back and noting it.
        told = arrival_headers(Arrival(Origin("telephony.events", 0, 0), early_ms - EARLY_MS))
        floor.send(early, proofs(floor.settings).at("telephony.events", 0).signed(early, BAD_KEY, told))
        wait_until(lambda: "salespulse_duplicates_total" in worker.scrape(), "the duplicate", SECONDS)
        floor.calls("rep-01", range(1))
        floor.until("team:north", "1h", calls=2)


@pytest.mark.slow
def test_a_worker_halts_while_too_much_is_refused(floor: Letters, tmp_path: Path) -> None:
    """It ends with 70 and one line, sends nothing, does so again; let pass by the operator, it counts all the rest."""
    # A worker that halted leaves its group by the session timeout.
    floor.more = (("DEAD_LETTER_LIMIT_RECORDS", "50"), ("SESSION_TIMEOUT_SECONDS", "6"))
    floor.organise()
    floor.calls("rep-01", range(5))
    floor.send(b"{", times=60)
    for attempt in ("first", "second"):
        worker = WorkerProcess(floor.env, tmp_path / f"{attempt}.log", free_port())
        worker.start()
        wait_until(lambda ended=worker: ended.ended is not None, "the worker to halt", SECONDS)  # type: ignore[misc]
        assert worker.ended == 70
        [line] = [text for text in worker.tail().splitlines() if "worker stops" in text]
        assert "telephony.events: 60 of 6" in line
        assert "SALESPULSE_DEAD_LETTERS_PASS_BEFORE=" in line
        assert "Traceback" not in worker.tail()
    assert floor.run("list").exit_code == 1

    floor.more = (*floor.more, ("DEAD_LETTERS_PASS_BEFORE", iso(clock.now_ms())))
    with floor.worker() as worker:
        worker.until_ready()
        floor.until("team:north", "1h", calls=5)
        wait_until(lambda: len(json.loads(floor.run("list", "--json").stdout)) == 60, "all letters", SECONDS)
