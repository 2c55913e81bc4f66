"""What Redis shows."""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, cast
from urllib.parse import unquote

from redis import Redis

from pipeline.audit.cut import Cut, Version, read_cut
from pipeline.audit.picture import STAGES, Heading, Picture, Place, ShownFigure, stage_of
from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.redis_keys import STREAM_LENGTH, Keys

AT_ONCE = 500
FIRST_NOTES = 20


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
    unknown = _unsettle(picture, client, Keys(namespace), partitions, whole)
    # Redis may have been lost, or filled again, while it was read.
    picture.whole = whole & _whole_homes(client, namespace) - unknown
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


def _unsettle(picture: Picture, client: "Redis", keys: Keys, partitions: int, homes: Iterable[str]) -> frozenset[str]:
    """Find the windows that went after the cut: a field that is gone has no version to say so, but there is a note.

    Returns the homes of which that is not known, because they have had more notes since than they keep.
    """
    shown = {(figure.scope, figure.window) for figure in picture.figures}
    unknown = set()
    for home in sorted(homes):
        cut = picture.cuts.get((stage_of(home), partition_of(home, partitions)))
        if cut is None:
            continue
        since = list(_notes_since(cut.version, client, keys.changes(home)))
        for scope, windows in since:
            picture.unsettled += [(scope, window) for window in windows if (scope, window) not in shown]
        if len(since) >= STREAM_LENGTH:
            unknown.add(home)
    return frozenset(unknown)


def _notes_since(version: Version, client: "Redis", key: str) -> Iterator[tuple[str, list[str]]]:
    """What was noted of a home after a version, the latest first: a scope, and those of its windows that changed."""
    before, count = "+", FIRST_NOTES
    while notes := cast("Any", client).xrevrange(key, max=before, count=count):
        for number, fields in notes:
            note = json.loads(fields["change"])
            if tuple(note["version"]) <= version:
                return
            yield note["scope"], note["windows"]
            before = f"({number}"
        count = AT_ONCE


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
