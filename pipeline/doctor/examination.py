"""One examination of an installation: every part is asked, and one that does not answer hides no other."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from pipeline.config.redis_options import asking_client
from pipeline.config.settings import Settings, SetupError
from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.topic import DeadLetterTopic
from pipeline.doctor.alerts import Refused, examine_feeds, examine_letters
from pipeline.doctor.configuration import examine_settings
from pipeline.doctor.finding import Examined
from pipeline.doctor.kafka import examine_kafka
from pipeline.doctor.redis import examine_redis
from pipeline.doctor.scrapes import Sample, examine_scrapes, samples_of
from pipeline.doctor.workers import Member, examine_workers, held_by, member_of
from pipeline.topics.check import admin_of
from pipeline.topics.lag import Lag
from pipeline.views.freshness import Evidence
from pipeline.views.readings import Readings

ANSWER_SECONDS = 5.0


class Examination(NamedTuple):
    """All parts, and who holds what, a line for each worker."""

    parts: tuple[Examined, ...]
    holders: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not any(part.findings for part in self.parts)


def examine(settings: Settings, scrapes: Sequence[str], now_ms: Callable[[], int]) -> Examination:
    """Ask everything. Reads only: it joins no group and writes nothing. `now_ms` is this machine's clock."""
    kafka = examine_kafka(settings)
    members = _members(settings) if kafka.answered and not settings.embedded else None
    behind = _behind(settings) if kafka.answered else None
    letters = list(_letters(settings)) if kafka.answered else []
    with asking_client(settings, ANSWER_SECONDS) as client:
        redis = examine_redis(client, settings.namespace, now_ms)
        evidence, alerts = _evidence(client, settings.namespace, now_ms())
    parts = [
        examine_settings(settings, now_ms()), kafka, redis, examine_workers(evidence, members, behind, now_ms()),
        examine_feeds(alerts), examine_letters(letters, now_ms()),
    ]  # fmt: skip
    if scrapes:
        parts.append(examine_scrapes({address: _scraped(address) for address in scrapes}, now_ms() / 1000))
    return Examination(tuple(parts), tuple(held_by(members or ())))


def _evidence(client: Redis, namespace: str, now_ms: int) -> tuple[Evidence, list[dict[str, object]]]:
    """Who vouches, and the open alerts; that Redis is away where it does not answer."""
    readings = Readings(client, namespace)
    try:
        homes, filling = readings.filling()
        return Evidence(readings.alive(), readings.beats(), homes, filling), readings.alerts()
    except (RedisError, OSError):
        return Evidence(down_since_ms=now_ms), []


def _members(settings: Settings) -> list[Member] | None:
    try:
        with admin_of(settings) as admin:
            group = admin.describe_groups([settings.namespace])[settings.namespace]
    except SetupError:
        return None
    return [member_of(told) for told in group["members"]]


def _behind(settings: Settings) -> int | None:
    try:
        with Lag(settings) as lag:
            return lag.events()
    except SetupError:
        return None


def _letters(settings: Settings) -> Iterator[Refused]:
    """Those that were not replayed; none where the topic cannot be read, which is said of Kafka."""
    try:
        with DeadLetterTopic(settings) as topic:
            for letter in Catalogue(topic.records()).letters():
                if not letter.replayed:
                    refusal = letter.refusal
                    yield Refused(refusal.refused_ms, letter.origin.topic, refusal.reason, refusal.detail)
    except SetupError:
        return


def _scraped(address: str) -> list[Sample] | None:
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
            return samples_of(answer.read().decode())
    except (urllib.error.URLError, OSError, ValueError):
        return None
