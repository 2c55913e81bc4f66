"""What Redis shows."""

import json
from typing import Any, cast
from urllib.parse import unquote

from redis import Redis

from pipeline.audit.cut import read_cut
from pipeline.audit.picture import STAGES, Picture, ShownFigure

AT_ONCE = 500


def redis_picture(client: "Redis", namespace: str, partitions: int) -> Picture:
    """All figures in Redis, and the cuts as they were before they were read; redis.RedisError where it does not answer.

    The client decodes its answers.
    """
    picture = Picture("redis")
    for stage in STAGES:
        for partition in range(partitions):
            given = cast("str | None", client.get(f"{namespace}:cut:{stage}:{partition}"))
            if given is not None:
                cut = read_cut(json.loads(given))
                picture.cuts[cut.place] = cut
    keys = sorted(cast("Any", client).scan_iter(match=f"{namespace}:{{*}}:kpi:*", count=AT_ONCE))
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        with client.pipeline(transaction=False) as pipe:
            for key in part:
                pipe.hgetall(key)
            for key, fields in zip(part, pipe.execute(), strict=True):
                picture.figures += _figures(key, namespace, fields)
    return picture


def _figures(key: str, namespace: str, fields: dict[str, str]) -> list[ShownFigure]:
    home, _, scope = key.removeprefix(f"{namespace}:{{").partition("}:kpi:")
    found = []
    for name, text in sorted(fields.items()):
        window, _, family = name.rpartition(":")
        if window:
            held = json.loads(text)
            generation, offset = held["version"]
            version = (int(generation), int(offset))
            about = (held["kpis"], family, held["state"], held["currency"])
            found.append(ShownFigure(unquote(scope), unquote(home), window, version, *about))
    return found
