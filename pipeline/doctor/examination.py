"""One examination of an installation: every part is asked, and one that does not answer hides no other."""

import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from pipeline.config.redis_options import asking_client
from pipeline.config.settings import Settings, SetupError
from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.topic import DeadLetterTopic
from pipeline.doctor.alerts import FEEDS, LETTERS, Refused, examine_feeds, examine_letters, unread_letters
from pipeline.doctor.configuration import examine_settings
from pipeline.doctor.finding import Examined, unknown
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
    letters = _letters(settings, now_ms()) if kafka.answered else unknown(LETTERS, "Kafka does not answer")
    with asking_client(settings, ANSWER_SECONDS) as client:
        redis = examine_redis(client, settings.namespace, now_ms)
        evidence, alerts = _evidence(client, settings.namespace, now_ms())
    parts = [
        examine_settings(settings, now_ms()), kafka, redis, examine_workers(evidence, members, behind, now_ms()),
        unknown(FEEDS, "Redis does not answer") if alerts is None else examine_feeds(alerts), letters,
    ]  # fmt: skip
    if scrapes:
        parts.append(examine_scrapes({address: _scraped(address) for address in scrapes}, now_ms() / 1000))
    return Examination(tuple(parts), tuple(held_by(members or ())))


def _evidence(client: Redis, namespace: str, now_ms: int) -> tuple[Evidence, list[dict[str, object]] | None]:
    """Who vouches, and the open alerts; that Redis is away, and None, where it does not answer."""
    readings = Readings(client, namespace)
    try:
        homes, filling = readings.filling()
        return Evidence(readings.alive(), readings.beats(), homes, filling), readings.alerts()
    except (RedisError, OSError):
        return Evidence(down_since_ms=now_ms), None


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


def _letters(settings: Settings, now_ms: int) -> Examined:
    """Of those that were not replayed."""
    try:
        with DeadLetterTopic(settings) as topic:
            left = [letter for letter in Catalogue(topic.records()).letters() if not letter.replayed]
    except SetupError as error:
        return unread_letters(str(error))
    refused = [
        Refused(each.refusal.refused_ms, each.origin.topic, each.refusal.reason, each.refusal.detail) for each in left
    ]
    return examine_letters(refused, now_ms)


def _scraped(address: str) -> list[Sample] | None:
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
            return samples_of(answer.read().decode())
    except (urllib.error.URLError, OSError, ValueError):
        return None
