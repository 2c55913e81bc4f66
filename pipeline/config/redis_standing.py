"""What a Redis says of itself (`INFO`), and what of that does not suit figures. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.config.settings import PREFIX

SECTIONS = ("server", "memory", "replication")
"""Of INFO, what is asked for."""
OLDEST = (6, 2)
FULL_RATIO = 0.85
"""From here on it is said that memory comes to an end."""
KEEPS = "noeviction"


class Standing(NamedTuple):
    """A Redis or Valkey. `most_bytes` is 0 where its memory has no limit."""

    version: tuple[int, ...]
    mode: str
    role: str
    policy: str
    used_bytes: int
    most_bytes: int

    @property
    def used_ratio(self) -> float | None:
        """The share of its memory that is taken; None without a limit."""
        return self.used_bytes / self.most_bytes if self.most_bytes else None


class Doubt(NamedTuple):
    """Something that is not wrong yet: what of Redis it is about, what is so, and what to do."""

    about: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.what}: {self.cure}"


def standing_of(info: Mapping[str, Any]) -> Standing:
    """From the answer to INFO, as redis-py reads it.

    Valkey tells which version of Redis it stands in for, and calls the mode by another name.
    """
    version = str(info.get("redis_version", "0"))
    return Standing(
        tuple(int(part) for part in version.split(".")[:3] if part.isdigit()),
        str(info.get("redis_mode") or info.get("server_mode") or "standalone"),
        str(info.get("role", "master")),
        str(info.get("maxmemory_policy", KEEPS)),
        int(info.get("used_memory", 0)),
        int(info.get("maxmemory", 0)),
    )


def unusable(standing: Standing) -> str | None:
    """Why no figures can be kept in it, in one line that names the setting; None where they can."""
    if standing.mode == "cluster":
        return (
            f"{PREFIX}REDIS_URL: this Redis runs in cluster mode, which spreads figures over nodes that nobody writes "
            "to; allowed: one primary, if need be with Sentinel (redis+sentinel://)"
        )
    if standing.mode == "sentinel":
        return (
            f"{PREFIX}REDIS_URL: this is a Sentinel, not a Redis; allowed: "
            "redis+sentinel://host:26379/name-of-the-primary/0"
        )
    if standing.version < OLDEST:
        found = ".".join(map(str, standing.version))
        return f"{PREFIX}REDIS_URL: this Redis is {found}; allowed: Redis 6.2 or later, or Valkey"
    return None


def doubts(standing: Standing) -> list[Doubt]:
    """What will lose figures sooner or later."""
    found = []
    if standing.policy != KEEPS:
        what = f"Redis drops figures when its memory is full (maxmemory-policy is {standing.policy})"
        found.append(Doubt("policy", what, f"set it to {KEEPS}"))
    ratio = standing.used_ratio
    if ratio is not None and ratio >= FULL_RATIO:
        taken, limit = standing.used_bytes >> 20, standing.most_bytes >> 20
        what = f"Redis has used {taken:,} of {limit:,} MiB ({ratio:.0%})"
        found.append(Doubt("memory", what, "raise its maxmemory, or free some"))
    return found
