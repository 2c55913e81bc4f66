"""One worker between a Kafka and a Redis with authentication on: what it may do, shows, keeps and gives away."""

import json
import os
import pickle
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError as PythonKafkaError
from redis.exceptions import NoPermissionError
from typer.testing import CliRunner

from pipeline import clock
from pipeline.cli import app
from pipeline.config.kafka_options import client_options, kafka_python_options
from pipeline.config.settings import SetupError
from pipeline.engine.kafka.clients import Clients
from pipeline.notifying.alert_log import AlertLog
from pipeline.sending.alert_notes import unmuting
from pipeline.sending.alert_sender import send_note
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import SOURCES, topics
from schemas.dead_letters import read
from schemas.events import iso
from tests.harness.figures import in_redis, on_topic
from tests.harness.secured import NAMESPACE, Secured, secured
from tests.harness.sockets import listening
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.unit.ledger.world import event

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SECONDS = 60
CALLS = 6
PERSON = {
    "phone": "+15550100199",
    "email": "rep-01@mail.example",
    "name": "NameOfRepOne",
    "notes": {"of": "NameOfLead"},
}
PERSONAL = (b"5550100199", b"mail.example", b"NameOf", b"AnswerOf")
ANSWERS = [{"rep_id": f"rep-{number:02d}", "answer": f"AnswerOfRep{number}", "score": 9} for number in range(6)]
"""Who gave which answer to a survey: no field takes that."""
REPLY_TO = f"{NAMESPACE}.alerts"
CORRELATION = b"correlation-of-the-test"
OWN = {"organisation": "org.changes", "telephony": "telephony.events", "crm": "crm.events"}
"""The users of connectors, and the only topic that each writes."""
LETTERS = {"invalid_json", "unknown_type", "invalid_event"}

run = CliRunner()


class Trap:
    """What a pickle may do when it is read: here, it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._path),)


@dataclass
class Deployment:
    """The servers and the worker that did its work on them."""

    servers: Secured
    worker: WorkerProcess
    trap: Path

    def records(self) -> Iterator[tuple[str, Any]]:
        """Every record of every topic, with the topic's logical name."""
        settings = self.servers.admin_settings
        consumer = KafkaConsumer(enable_auto_commit=False, **kafka_python_options(settings))
        for topic in topics(settings):
            name = f"{NAMESPACE}.{topic.name}"
            partitions = [TopicPartition(name, n) for n in range(settings.partitions)]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = end_offsets(consumer, partitions)
            while any(consumer.position(each) < ends[each] for each in partitions):
                for records in consumer.poll(timeout_ms=500).values():
                    yield from ((topic.name, record) for record in records)
        consumer.close()

    def survey(self) -> tuple[Any, Any]:
        """How many of the team answered in the last 90 days, and the eNPS, in Redis."""
        with self.servers.everything() as client:
            told = in_redis(client, NAMESPACE, "team:north").get(("team:north", "90d"), {})
        return told.get("survey_answers", {}).get("value"), told.get("enps", {}).get("value")

    def company_calls(self) -> Any:
        """The calls of the last hour in Redis."""
        with self.servers.everything() as client:
            return in_redis(client, NAMESPACE).get(("company", "1h"), {}).get("calls", {}).get("value")


def personal(*events: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The events with fields that nobody asked for."""
    for given in events:
        yield {**given, **PERSON, "data": {**given["data"], **PERSON}}


def work(now_ms: int) -> Iterator[dict[str, Any]]:
    """An organisation, calls, a lead, a deal, an email, a meeting, and a survey whose source tells who said what."""
    minute = 60_000
    yield event("process", "default", now_ms, stages=[{"id": "open"}, {"id": "won", "kind": "won"}])
    yield event("team", "north", now_ms, time_zone="Europe/Berlin")
    yield event("rep", "rep-01", now_ms, active=True)
    yield event("membership", "m1", now_ms, rep_id="rep-01", team_id="north")
    for number in range(CALLS):
        call: dict[str, Any] = {"rep_id": "rep-01", "direction": "outbound", "started_at": now_ms - minute}
        yield event("call", f"c{number}", now_ms, **call)
    yield event("account", "a1", now_ms)
    yield event("lead", "l1", now_ms, owner_id="rep-01", created_at=now_ms - minute)
    yield event("deal", "d1", now_ms, owner_id="rep-01", account_id="a1", stage_id="open", created_at=now_ms - minute)
    yield event("email", "e1", now_ms, rep_id="rep-01", sent_at=now_ms - minute, direction="outbound")
    yield event("meeting", "m1", now_ms, rep_id="rep-01", booked_at=now_ms - minute, starts_at=now_ms)
    asked: dict[str, Any] = {"team_id": "north", "ends_at": now_ms - minute, "invited": 8}
    yield event("survey", "s1", now_ms, **asked, promoters=3, passives=2, detractors=1, answers=ANSWERS)


def bad(now_ms: int, trap: Path) -> Iterator[bytes]:
    """Records that are refused, with personal data in them; one is a pickle."""
    yield pickle.dumps(Trap(trap))
    yield b'{"phone": "+15550100199", '
    call = event("call", "c1", now_ms, rep_id="rep-01", started_at=now_ms)
    yield json.dumps({**call, "type": "telephony.NameOfRepOne.changed"}).encode()
    yield json.dumps({**call, "subject": "call:rep-01@mail.example\n"}).encode()
    yield json.dumps({**call, "data": {"rep_id": ["rep-01@mail.example"]}}).encode()


def send(servers: Secured, trap: Path) -> None:
    """Produce everything, one call with headers that ask for an answer."""
    now_ms = clock.now_ms()
    for part, topic in OWN.items():
        domain = topic.partition(".")[0]
        with EventProducer(servers.settings(part)) as producer:
            some = (each for each in personal(*work(now_ms)) if each["type"].startswith(f"{domain}."))
            producer.send_all(Outgoing(each) for each in some)
    asking = [("Faust-Ag-ReplyTo", REPLY_TO.encode()), ("Faust-Ag-CorrelationId", CORRELATION)]
    last = Outgoing(event("call", "asking", now_ms, rep_id="rep-01", direction="outbound", started_at=now_ms - 60_000))
    raw = KafkaProducer(**kafka_python_options(servers.settings("telephony")))
    topic = f"{NAMESPACE}.telephony.events"
    sent = [raw.send(topic, value, b"rep-01@mail.example") for value in bad(now_ms, trap)]
    for each in [*sent, raw.send(topic, last.value, last.key, asking)]:
        each.get(timeout=20)
    raw.close()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Topics made, a worker at work with all it logs, everything sent and published."""
    directory = tmp_path_factory.mktemp("secured")
    with secured(directory) as servers:
        made = run.invoke(app, ["topics", "--create"], env=servers.env("topics"))
        assert made.exit_code == 0, made.stderr
        env = servers.env("worker", "worker", LOG_LEVEL="DEBUG", LOG_FORMAT="json")
        with WorkerProcess(env, directory / "worker.log", free_port()) as worker:
            worker.until_ready()
            found = Deployment(servers, worker, directory / "sprung")
            send(servers, found.trap)
            wait_until(lambda: found.company_calls() == CALLS + 1, "all calls in Redis", SECONDS)
            yield found


def test_every_part_does_its_work_with_the_rights_of_the_files(deployment: Deployment) -> None:
    """Topics are made, events come in, figures go out to Redis and Kafka, with no more rights than deploy/security/."""
    servers = deployment.servers
    watched = run.invoke(app, ["watch", "--json"], env=servers.env("reader"))
    assert watched.exit_code == 0, watched.stderr
    assert "company" in watched.stdout

    options = kafka_python_options(servers.settings("reader"))
    wait_until(
        lambda: (
            on_topic(f"{NAMESPACE}.kpis.rollup", 4, options).get(("company", "1h"), {}).get("calls", {}).get("value")
        ),
        "the calls on the KPI topic",
        SECONDS,
    )


def test_alerts_are_told_and_acknowledged_by_who_may(deployment: Deployment, tmp_path: Path) -> None:
    """The notifier reads with the rights of a reader, the board writes with those of the organisation's user."""
    servers = deployment.servers
    for _ in range(2):
        with AlertLog(servers.settings("reader")) as alerts:
            known = list(alerts.replay())
            assert alerts.poll() == []
            assert all(record.value for record in known)
    send_note(servers.settings("organisation"), unmuting("silent_rep:rep:7@north", "lead-1", clock.now_ms()))
    with pytest.raises(SetupError):
        send_note(servers.settings("telephony"), unmuting("silent_rep:rep:7@north", "lead-1", clock.now_ms()))
    file = tmp_path / "names.csv"
    file.write_text("id,name\nrep:7,Robin Example\n")
    assert run.invoke(app, ["names", "import", str(file)], env=servers.env("reader", "names")).exit_code == 0
    listed = run.invoke(app, ["names", "list", "--json"], env=servers.env("reader"))
    assert json.loads(listed.stdout) == {"rep:7": "Robin Example"}
    assert run.invoke(app, ["names", "clear"], env=servers.env("reader")).exit_code == 2
    assert run.invoke(app, ["names", "clear"], env=servers.env("reader", "names")).exit_code == 0


def test_the_audit_may_read_what_it_compares(deployment: Deployment) -> None:
    """Its user reads logs, committed offsets and figures, and that is all."""
    settings = deployment.servers.settings("audit", "audit")
    consumer = KafkaConsumer(group_id=NAMESPACE, enable_auto_commit=False, **kafka_python_options(settings))
    for topic in (*SOURCES, "facts", "parts", "kpis.scoreboard", "kpis.rollup"):
        partition = TopicPartition(f"{NAMESPACE}.{topic}", 0)
        consumer.assign([partition])
        assert end_offsets(consumer, [partition])[partition] >= 0
        assert consumer.committed(partition) is None or topic in (*SOURCES, "facts", "parts")
    consumer.close()
    with deployment.servers.redis.client(
        f"{NAMESPACE}-audit", deployment.servers.redis_passwords[f"{NAMESPACE}-audit"]
    ) as client:
        assert in_redis(client, NAMESPACE)
        with pytest.raises(NoPermissionError):
            client.set(f"{NAMESPACE}:alive", 1)


async def test_a_worker_may_trim_its_state_logs(deployment: Deployment) -> None:
    """DeleteRecords on a state log is among its rights; on a source it is not."""
    clients = Clients(client_options(deployment.servers.settings("worker", "worker")))
    await clients.delete_before(f"{NAMESPACE}.state.crm", 0, 0)
    with pytest.raises(KafkaError, match="Authorization"):
        await clients.delete_before(f"{NAMESPACE}.crm.events", 0, 0)
    await clients.close()


def test_dead_letters_are_listed_and_replayed_by_who_may(deployment: Deployment) -> None:
    """The operator's user lists and replays; one that brings events may not even list."""
    env = deployment.servers.env("letters")
    listed = run.invoke(app, ["dead-letters", "list", "--json"], env=env)
    assert {letter["reason"] for letter in json.loads(listed.stdout)} == LETTERS

    assert "1 replayed" in run.invoke(app, ["dead-letters", "replay", "--reason", "unknown_type"], env=env).stdout

    def attempts() -> set[int]:
        again = run.invoke(app, ["dead-letters", "list", "--json", "--reason", "unknown_type"], env=env)
        return {letter["attempt"] for letter in json.loads(again.stdout)}

    wait_until(lambda: attempts() == {2}, "the second attempt", SECONDS)
    refused = run.invoke(app, ["dead-letters", "list"], env=deployment.servers.env("crm"))
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_the_doctor_examines_with_the_rights_of_a_worker(deployment: Deployment) -> None:
    """All parts answer, and the refused letters are counted; a user who may not read these is told so."""

    def told(part: str, redis_part: str) -> dict[str, dict[str, Any]]:
        examined = run.invoke(app, ["doctor", "--json"], env=deployment.servers.env(part, redis_part))
        return {each["part"]: each for each in json.loads(examined.stdout)["parts"]}

    def wrong() -> dict[str, Any]:
        found = told("worker", "worker")
        return {name: part["findings"] for name, part in found.items() if part["findings"] and name != "settings"}

    wait_until(lambda: wrong().keys() == {"dead letters"}, "nothing but what was refused to be wrong", SECONDS)
    assert len(wrong()["dead letters"]) == len(LETTERS)
    assert "dead-letters" in told("topics", "worker")["dead letters"]["findings"][0]["line"]


def test_imports_send_and_compare_with_what_is_declared(deployment: Deployment, tmp_path: Path) -> None:
    """The user of imports reads the organisation and asks how far the workers are; that of connectors does not."""
    (tmp_path / "deals.csv").write_text(f"id,at,rep\nd9,{iso(clock.now_ms())},rep-01\n")
    (tmp_path / "map.toml").write_text(
        'source = "export"\n[[event]]\ntype = "crm.deal.changed"\nsubject = "deal:{id}"\ntime = { column = "at" }\n'
        'data = { owner_id = { column = "rep" }, stage_id = "open" }\n'
    )
    command = ["import", str(tmp_path / "deals.csv"), "--map", str(tmp_path / "map.toml"), "--json"]
    done = run.invoke(app, command, env=deployment.servers.env("import"))
    refused = run.invoke(app, command, env=deployment.servers.env("crm"))

    assert (done.exit_code, json.loads(done.stdout)["sent"]) == (0, {"crm.deal.changed": 1})
    assert refused.exit_code == 2


def test_append_times_are_answered_by_who_may(deployment: Deployment) -> None:
    """The operator's user reads the log and how far the workers are: what was counted already is not answered."""
    answer = ["append-time", "org.changes", "0"]
    env = deployment.servers.env("answers")

    def said() -> str:
        return run.invoke(app, [*answer, "0", "--pass"], env=env).stderr

    wait_until(lambda: "was counted already" in said(), "the worker to have committed what it counted", SECONDS, 0.5)
    assert "holds no record at offset 123456789" in run.invoke(app, [*answer, "123456789", "--pass"], env=env).stderr
    refused = run.invoke(app, [*answer, "123456789", "--pass"], env=deployment.servers.env("organisation"))
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("part", "topic"),
    [
        ("reader", "kpis.rollup"),
        ("topics", "crm.events"),
        ("audit", "facts"),
        *((part, topic) for part, topic in product(OWN, (*SOURCES, "facts", "dead-letters")) if OWN[part] != topic),
    ],
)
def test_nobody_writes_where_he_need_not(deployment: Deployment, part: str, topic: str) -> None:
    """A write outside of a part's rights is refused by the broker."""
    producer = KafkaProducer(**kafka_python_options(deployment.servers.settings(part)), max_block_ms=10_000)
    with pytest.raises(PythonKafkaError):
        producer.send(f"{NAMESPACE}.{topic}", b"x").get(timeout=10)
    producer.close()


@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL",
        "KEYS *",
        "CONFIG GET *",
        "SCRIPT FLUSH",
        "SET other:x 1",
        "PUBLISH other x",
        "GET other:x",
        "TTL salespulse:x",
    ],
)
@pytest.mark.parametrize("part", ["worker", "reader"])
def test_redis_takes_nothing_from_a_part_that_it_need_not(deployment: Deployment, part: str, command: str) -> None:
    """Commands, keys and channels outside of a part's rights are refused by the server."""
    user = f"{NAMESPACE}-{part}"
    with (
        deployment.servers.redis.client(user, deployment.servers.redis_passwords[user]) as client,
        pytest.raises(NoPermissionError),
    ):
        client.execute_command(*command.split())


def test_only_the_documented_port_is_open(deployment: Deployment) -> None:
    """The worker listens on its health port alone, and that shows neither tables nor topology."""
    worker = deployment.worker

    assert listening(worker.pid) == {("tcp", worker.health_port)}
    for path in ("/", "/table/", "/router/", "/graph", "/stats", "/metrics/../table"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{worker.health_port}{path}", timeout=5)


def test_agents_answer_nobody(deployment: Deployment) -> None:
    """A record that asks for an answer on a topic is taken in as any other, and nothing comes of the request."""
    answers = [
        record
        for topic, record in deployment.records()
        if topic == "alerts" or (topic not in SOURCES and CORRELATION in (record.key or b"") + (record.value or b""))
    ]

    assert answers == []


def test_nothing_is_unpickled(deployment: Deployment) -> None:
    """A pickle on a source topic is a dead letter like any other nonsense."""
    assert not deployment.trap.exists()


def test_person_data_stays_where_it_came(deployment: Deployment) -> None:
    """Names, numbers, addresses, and who gave which answer, are in no log, topic, key, figure, label or line.

    Source topics have them, and the dead letters, which are kept as they came; those say nothing of it in headers.
    """
    wait_until(lambda: deployment.survey() == (6, pytest.approx(200 / 6)), "the survey's counts in Redis", SECONDS)
    seen = dict.fromkeys((topic.name for topic in topics(deployment.servers.admin_settings)), 0)
    came: set[bytes] = set()
    for topic, record in deployment.records():
        seen[topic] += 1
        if topic in SOURCES:
            came.update(each for each in PERSONAL if each in (record.value or b""))
            continue
        told = b"".join(value for _, value in record.headers)
        kept = told if topic == "dead-letters" else told + (record.key or b"") + (record.value or b"")
        assert not [each for each in PERSONAL if each in kept], (topic, record.offset)
        if topic == "dead-letters":
            assert read(record.headers) is not None or record.value == b""
    assert min(count for topic, count in seen.items() if topic not in ("alerts", "recognition")) > 0
    assert came == set(PERSONAL)

    with deployment.servers.everything() as client:
        everything = repr([(key, _held(client, key)) for key in client.scan_iter(count=1000)]).encode()
    assert b"calls" in everything
    for text in (everything, deployment.worker.scrape().encode(), deployment.worker.log.read_bytes()):
        assert not [each for each in PERSONAL if each in text]


def test_secrets_are_in_no_line(deployment: Deployment) -> None:
    """Nothing that a worker prints at DEBUG, shows as metrics or says when it is refused holds a password."""
    shown = deployment.worker.log.read_text() + deployment.worker.scrape()

    assert '"level": "debug"' in shown
    assert not [secret for secret in deployment.servers.secrets if secret in shown]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"KAFKA_SASL_PASSWORD": "pw-wrong"}, "SALESPULSE_KAFKA_SASL_PASSWORD: Kafka at "),
        ({"KAFKA_SASL_USERNAME": "nobody"}, "SALESPULSE_KAFKA_SASL_PASSWORD: Kafka at "),
        ({"KAFKA_SASL_MECHANISM": "PLAIN"}, "SALESPULSE_KAFKA_SASL_MECHANISM: Kafka at "),
        ({"KAFKA_CA_FILE": ""}, "SALESPULSE_KAFKA_CA_FILE: the certificate of Kafka at "),
        (
            {"REDIS_URL": "rediss://salespulse-worker:pw-wrong@127.0.0.1:{port}/0"},
            "SALESPULSE_REDIS_URL: Redis rejects the user or password",
        ),
        ({"REDIS_CA_FILE": ""}, "SALESPULSE_REDIS_CA_FILE: the certificate of Redis is not trusted"),
    ],
)
def test_a_worker_that_is_not_let_in_says_so(
    deployment: Deployment, tmp_path: Path, changed: dict[str, str], line: str
) -> None:
    """A wrong password, user, mechanism or authority ends it with code 2 and one line that names the setting."""
    given = {name: value.format(port=deployment.servers.redis.port) for name, value in changed.items()}
    env = deployment.servers.env("worker", "worker", LOG_LEVEL="DEBUG", **given)
    worker = WorkerProcess(env, tmp_path / "worker.log", free_port())
    worker.start()
    wait_until(lambda: worker.ended is not None, "the worker to end", SECONDS)

    assert worker.ended == 2
    assert [text for text in worker.tail().splitlines() if text.startswith("salespulse: ")][-1].startswith(
        f"salespulse: {line}"
    )
    assert "Traceback" not in worker.tail()
    assert not [secret for secret in (*deployment.servers.secrets, "pw-wrong") if secret in worker.log.read_text()]


def test_a_command_that_is_not_let_in_says_so(deployment: Deployment) -> None:
    """Commands beside the worker name the setting, too, with code 2."""
    wrong = {
        "KAFKA_SASL_PASSWORD": "pw-wrong",
        "REDIS_URL": f"rediss://x:pw-wrong@127.0.0.1:{deployment.servers.redis.port}",
    }
    env = deployment.servers.env("letters", **wrong)

    for command, setting in ((["dead-letters", "list"], "KAFKA_SASL_PASSWORD"), (["watch", "--json"], "REDIS_URL")):
        result = run.invoke(app, command, env=env)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert result.stderr.startswith(f"salespulse: SALESPULSE_{setting}: ")


def _held(client: Any, key: bytes) -> Any:
    """What a key holds, whatever its type."""
    readers = {
        b"hash": lambda: client.hgetall(key),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"stream": lambda: client.xrange(key),
        b"string": lambda: client.get(key),
    }
    return readers[client.type(key)]()
