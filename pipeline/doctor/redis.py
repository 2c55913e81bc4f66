"""Redis as an installation needs it: what it is, how it is set up, its clock, and whose keys it holds."""

from collections.abc import Callable, Iterator
from typing import cast

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError

from pipeline.config.redis_options import refusal, told_standing
from pipeline.config.redis_standing import Standing, doubts, unusable
from pipeline.doctor.finding import Examined, Finding, fault, warning
from pipeline.sinks.redis_keys import Keys, other_layout
from pipeline.sinks.redis_trouble import trouble

PART = "redis"
SKEW_MS = 5_000
"""So far a clock may be off before it is said."""


def examine_redis(client: Redis, namespace: str, now_ms: Callable[[], int]) -> Examined:
    """Ask the server; one that does not answer is a finding. `now_ms` is this machine's clock."""
    try:
        standing = told_standing(client)
        unfit = None if standing is None else unusable(standing)
        if unfit is not None:
            return Examined(PART, "not to be used", (fault(*_halves(unfit, "; allowed: ")),))
        layout = cast("str | None", client.get(Keys(namespace).layout))
        clock_ms, here_ms = _clock_ms(client), now_ms()
    except (RedisError, OSError) as error:
        silent = refusal(error) or trouble(error)
        return Examined(PART, "no answer", (fault(silent, "workers go on, and write all figures once it is back"),))
    if standing is None:
        cure = "grant it +info, so that its settings and memory can be watched"
        return Examined(PART, "of an unknown kind", (warning("its user may not ask how it is set up", cure),))
    release = ".".join(map(str, standing.version))
    return Examined(PART, f"{release}, {_memory(standing)}", tuple(_findings(standing, layout, clock_ms, here_ms)))


def _findings(standing: Standing, layout: str | None, clock_ms: int | None, now_ms: int) -> Iterator[Finding]:
    if standing.role != "master":
        yield fault("it is a read-only replica", "point SALESPULSE_REDIS_URL at the primary")
    for doubt in doubts(standing):
        yield warning(doubt.what, doubt.cure)
    if (other := other_layout(layout)) is not None:
        yield fault(*_halves(other, ": "))
    if clock_ms is not None and abs(clock_ms - now_ms) > SKEW_MS:
        off_seconds = (clock_ms - now_ms) / 1000
        yield warning(f"its clock is {off_seconds:+,.0f} s from this machine's", "set both by NTP")


def _halves(line: str, at: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    what, _, cure = line.partition(at) if line.count(at) else (line, "", "see docs/operations.md")
    return what, cure if at != "; allowed: " else f"allowed: {cure}"


def _memory(standing: Standing) -> str:
    used = f"{standing.used_bytes >> 20:,} MiB used"
    return f"{used} of {standing.most_bytes >> 20:,}" if standing.most_bytes else f"{used}, no limit"


def _clock_ms(client: Redis) -> int | None:
    try:
        seconds, micros = client.time()
    except NoPermissionError:
        return None
    return seconds * 1000 + micros // 1000
