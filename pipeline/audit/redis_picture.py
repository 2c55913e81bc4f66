"""What Redis shows."""

import json
from itertools import product
from typing import Any, cast
from urllib.parse import unquote

from redis import Redis

from pipeline.audit.cut import Cut, read_cut
from pipeline.audit.picture import STAGES, Heading, Picture, Place, ShownFigure
from pipeline.sinks.redis_keys import Keys

AT_ONCE = 500


def redis_picture(client: "Redis", namespace: str, partitions: int) -> Picture:
    """All figures in Redis, and the cuts as they were before they were read; redis.RedisError where it does not answer.

    The client decodes its answers.
    """
    picture = Picture("redis", cuts=redis_cuts(client, namespace, partitions))
    whole = _whole_homes(client, namespace)
    keys = sorted(cast("Any", client).scan_iter(match=f"{namespace}:{{*}}:kpi:*", count=AT_ONCE))
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        with client.pipeline(transaction=False) as pipe:
            for key in part:
                pipe.hgetall(key)
            for key, fields in zip(part, pipe.execute(), strict=True):
                _show(picture, key.removeprefix(f"{namespace}:{{"), fields)
    # Redis may have been lost, or filled again, while it was read.
    picture.whole = whole & _whole_homes(client, namespace)
    return picture


def redis_cuts(client: "Redis", namespace: str, partitions: int) -> dict[Place, Cut]:
    """The cut of each partition that has one; as `redis_picture` otherwise."""
    found = {}
    for place in product(STAGES, range(partitions)):
        given = cast("str | None", client.get(Keys(namespace).cut(*place)))
        if given is not None:
            found[place] = read_cut(json.loads(given))
    return found


def _whole_homes(client: "Redis", namespace: str) -> frozenset[str]:
    """The homes that have all their figures, as their owners say: what was lost is filled again within seconds."""
    keys = sorted(cast("Any", client).scan_iter(match=f"{namespace}:{{*}}:owner", count=AT_ONCE))
    with client.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.hget(key, "published")
        published = pipe.execute()
    homes = (unquote(key.removeprefix(f"{namespace}:{{").removesuffix("}:owner")) for key in keys)
    return frozenset(home for home, position in zip(homes, published, strict=True) if int(position or -1) >= 0)


def _show(picture: Picture, key: str, fields: dict[str, str]) -> None:
    home, _, scope = (unquote(part) for part in key.partition("}:kpi:"))
    for name, text in sorted(fields.items()):
        window, _, family = name.rpartition(":")
        if window:
            try:
                held = json.loads(text)
                generation, offset = held["version"]
                heading = Heading(held["state"], held["currency"], int(held["as_of"]))
                version = (int(generation), int(offset))
                figure = ShownFigure(scope, home, window, version, dict(held["kpis"]), family, heading)
            except (ValueError, KeyError, TypeError):
                picture.unreadable.append((scope, name, text))
            else:
                picture.figures.append(figure)
