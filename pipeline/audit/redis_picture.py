"""What Redis shows."""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, cast

from redis import Redis

from pipeline.audit.achievements import IDS, ShownAchievement, read_achievement
from pipeline.audit.alerts import REDIS, ShownAlert, read_alert
from pipeline.audit.contests import ID, ShownContest, read_contest
from pipeline.audit.contests import REDIS as IN_REDIS
from pipeline.audit.cut import Cut, Version, read_cut
from pipeline.audit.picture import (
    STAGES,
    Beside,
    Heading,
    Picture,
    Place,
    ShownFigure,
    ShownIndustry,
    ShownLimit,
    ShownRank,
    ShownRep,
    ShownSpecialDay,
    ShownStage,
    Unreadable,
    stage_of,
)  # fmt: skip
from pipeline.kernel.partitioner import partition_of
from pipeline.sinks.redis_keys import ABSENT, INDUSTRY, LIMITS, RAMPING, SPECIAL_DAY, STREAM_LENGTH, Key, Keys

AT_ONCE = 500
HASHES_AT_ONCE = 4
"""The hash of a scope has three megabytes after two years."""
FIRST_NOTES = 20


def redis_picture(client: "Redis", namespace: str, partitions: int, homes: frozenset[str] | None = None) -> Picture:
    """All figures in Redis, and the cuts as they were before they were read; redis.RedisError where it does not answer.

    The client decodes its answers. With `homes` only the figures of these are read, and only these are `whole`.
    """
    picture = Picture("redis", cuts=redis_cuts(client, namespace, partitions))
    keys = Keys(namespace)
    whole = whole_homes(client, keys)
    if homes is not None:
        whole &= homes
    # Before the figures: of those that changed meanwhile a version tells.
    picture.beside = Beside(
        list(_ranks(client, keys, picture)),
        list(_stages(client, keys, picture)),
        list(_alerts(client, keys, picture)),
        absent=list(_reps(client, keys, ABSENT, picture)),
        ramping=list(_reps(client, keys, RAMPING, picture)),
        industry=list(_industry(client, keys, picture)),
        special_days=list(_special_days(client, keys, picture)),
        limits=list(_limits(client, keys, picture)),
        recognised_in=(IN_REDIS,),
    )
    _recognition(client, keys, picture, picture.beside)
    legends = _Legends(client, keys)
    current: dict[str, set[str]] = {}
    for what in ("kpi", "past"):
        found = sorted(cast("Any", client).scan_iter(match=keys.pattern(what), count=AT_ONCE))
        if homes is not None:
            found = [text for text in found if (key := keys.parse(text)) is None or key.home in homes]
        for text, fields in _hashes(client, found):
            key = keys.parse(text)
            if key is None:
                picture.unreadable.append(Unreadable("", text, "", "a key that no worker writes"))
            elif what == "kpi":
                current[key.rest[0]] = {name.rpartition(":")[0] for name in fields}
                _show(picture, key, fields)
            else:
                # What is current and was over for a moment, by another zone, may still stand here.
                known = current.get(key.rest[0], set())
                _show_past(picture, key, {name: value for name, value in fields.items() if name not in known}, legends)
    unknown = _unsettle(picture, client, keys, partitions, whole)
    # Redis may have been lost, or filled again, while it was read.
    picture.whole = whole & whole_homes(client, keys) - unknown
    # What cannot be read may be for want of a legend, which comes again as its home does.
    picture.unreadable = [each for each in picture.unreadable if not each.home or each.home in picture.whole]
    return picture


class _Legends:
    """Those in Redis, asked for again when one is missed: it is written before what is read by it."""

    def __init__(self, client: "Redis", keys: Keys) -> None:
        self._client = cast("Any", client)
        self._key = keys.legend
        self._known: dict[str, Any] = {}

    def of(self, definition: str) -> Any:
        """KeyError where there is none."""
        if definition not in self._known:
            self._known = {name: json.loads(text) for name, text in self._client.hgetall(self._key).items()}
        return self._known[definition]


def _hashes(client: "Redis", keys: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for start in range(0, len(keys), HASHES_AT_ONCE):
        part = keys[start : start + HASHES_AT_ONCE]
        with client.pipeline(transaction=False) as pipe:
            for key in part:
                pipe.hgetall(key)
            yield from zip(part, pipe.execute(), strict=True)


def redis_cuts(client: "Redis", namespace: str, partitions: int) -> dict[Place, Cut]:
    """The cut of each partition that has one; as `redis_picture` otherwise."""
    found = {}
    for place in product(STAGES, range(partitions)):
        given = cast("str | None", client.get(Keys(namespace).cut(*place)))
        if given is not None:
            found[place] = read_cut(json.loads(given))
    return found


def _ranks(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownRank]:
    for key, text in _keys_of(client, keys, "rank", picture):
        kpi, kind = key.rest
        for rep, number in cast("Any", client).zrange(text, 0, -1, withscores=True):
            yield ShownRank(key.home, kind, kpi, rep, number)


def _stages(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownStage]:
    for key, text in _keys_of(client, keys, "funnel", picture):
        (process,) = key.rest
        for stage, number in sorted(cast("Any", client).hgetall(text).items()):
            try:
                yield ShownStage(key.home, process, stage, float(number))
            except ValueError:
                picture.unreadable.append(Unreadable(key.home, text, stage, number))


def _reps(client: "Redis", keys: Keys, field: str, picture: Picture) -> Iterator[ShownRep]:
    """The reps that a field beside the figures of teams lists, each with the home."""
    for home, text in _beside(client, keys, field, "team:"):
        try:
            yield from [ShownRep(home, rep) for rep in json.loads(text)]
        except (ValueError, TypeError):
            picture.unreadable.append(Unreadable(home, keys.kpi(home, home), field, text))


def _industry(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownIndustry]:
    for home, text in _beside(client, keys, INDUSTRY):
        try:
            told = [(each["id"], each) for each in json.loads(text)]
            yield from [ShownIndustry(home, id_, name, said[name]) for id_, said in told for name in said]
        except (ValueError, TypeError, KeyError):
            picture.unreadable.append(Unreadable(home, keys.kpi(home, home), INDUSTRY, text))


def _special_days(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownSpecialDay]:
    for home, text in _beside(client, keys, SPECIAL_DAY, "team:"):
        try:
            yield from [ShownSpecialDay(home, name, value or "") for name, value in json.loads(text).items()]
        except (ValueError, TypeError, AttributeError):
            picture.unreadable.append(Unreadable(home, keys.kpi(home, home), SPECIAL_DAY, text))


def _limits(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownLimit]:
    for home, text in _beside(client, keys, LIMITS, "team:"):
        try:
            yield from [ShownLimit(home, kpi, float(value)) for kpi, value in json.loads(text).items()]
        except (ValueError, TypeError, AttributeError):
            picture.unreadable.append(Unreadable(home, keys.kpi(home, home), LIMITS, text))


def _beside(client: "Redis", keys: Keys, field: str, kind: str = "") -> Iterator[tuple[str, str]]:
    """A field that stands beside the own figures of homes, of those that have it."""
    homes = sorted(home for home in cast("Any", client).smembers(keys.homes) if home.startswith(kind))
    for start in range(0, len(homes), AT_ONCE):
        part = homes[start : start + AT_ONCE]
        with client.pipeline(transaction=False) as pipe:
            for home in part:
                pipe.hget(keys.kpi(home, home), field)
            yield from [(home, text) for home, text in zip(part, pipe.execute(), strict=True) if text]


def _alerts(client: "Redis", keys: Keys, picture: Picture) -> Iterator[ShownAlert]:
    for key, text in _keys_of(client, keys, "alerts", picture):
        for id_, held in sorted(cast("Any", client).hgetall(text).items()):
            if (record := read_alert(held)) is None:
                picture.unreadable.append(Unreadable(key.home, text, id_, held))
            else:
                yield ShownAlert(REDIS, key.home, id_, record)


def _recognition(client: "Redis", keys: Keys, picture: Picture, beside: Beside) -> None:
    for key, text in _keys_of(client, keys, "recognition", picture):
        for id_, held in sorted(cast("Any", client).hgetall(text).items()):
            if id_.startswith(ID) and (contest := read_contest(held)) is not None:
                beside.contests.append(ShownContest(IN_REDIS, key.home, id_, contest))
            elif id_.startswith(IDS) and (achievement := read_achievement(held)) is not None:
                beside.achievements.append(ShownAchievement(IN_REDIS, key.home, id_, achievement))
            else:
                picture.unreadable.append(Unreadable(key.home, text, id_, held))


def _keys_of(client: "Redis", keys: Keys, what: str, picture: Picture) -> Iterator[tuple[Key, str]]:
    """All keys of a sort, taken apart and as they are; one that no worker writes is noted as unreadable."""
    for text in sorted(cast("Any", client).scan_iter(match=keys.pattern(what), count=AT_ONCE)):
        key = keys.parse(text)
        if key is None:
            picture.unreadable.append(Unreadable("", text, "", "a key that no worker writes"))
        else:
            yield key, text


def whole_homes(client: "Redis", keys: Keys) -> frozenset[str]:
    """The homes that have all their figures, as their owners say: what was lost is filled again within seconds."""
    found = sorted(cast("Any", client).scan_iter(match=keys.pattern("owner"), count=AT_ONCE))
    owners = {text: key for text in found if (key := keys.parse(text)) is not None}
    with client.pipeline(transaction=False) as pipe:
        for text in owners:
            pipe.hget(text, "published")
        published = pipe.execute()
    positions = zip(owners.values(), published, strict=True)
    return frozenset(key.home for key, position in positions if int(position or -1) >= 0)


def _unsettle(picture: Picture, client: "Redis", keys: Keys, partitions: int, homes: Iterable[str]) -> frozenset[str]:
    """Find the windows that went after the cut: a field that is gone has no version to say so, but there is a note.

    Returns the homes of which that is not known, because they have had more notes since than they keep.
    """
    gone: dict[tuple[str, str], None] = {}
    unknown = set()
    for home in sorted(homes):
        cut = picture.cuts.get((stage_of(home), partition_of(home, partitions)))
        if cut is None:
            continue
        since = list(_notes_since(cut.version, client, keys.changes(home)))
        gone.update(dict.fromkeys((scope, window) for scope, windows in since for window in windows))
        if len(since) >= STREAM_LENGTH:
            unknown.add(home)
    if gone:
        for figure in picture.figures:
            gone.pop((figure.scope, figure.window), None)
    picture.unsettled += gone
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


def _show_past(picture: Picture, key: Key, fields: dict[str, str], legends: "_Legends") -> None:
    """Windows that are over: a text each, as docs/outputs.md says, with the legend of its definition."""
    home, (scope,) = key.home, key.rest
    for window, value in sorted(fields.items()):
        try:
            as_of_ms, _, state, fixed, generation, offset, currency, definition, families = json.loads(value)
            nothing = legends.of(definition)["reps" if scope.startswith("rep:") else "others"]
            heading = Heading(state, currency, int(as_of_ms), None, bool(fixed))
            version = (int(generation), int(offset))
            for family, said in families.items():
                kpis = dict(spelled_out(said, nothing[family]))
                picture.add(ShownFigure(scope, home, window, version, kpis, family, heading))
        except (ValueError, KeyError, TypeError, AttributeError):
            picture.unreadable.append(Unreadable(home, scope, window, value))


def spelled_out(said: Any, nothing: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The KPIs of a family: each name in the order of the legend, and what is said of it."""
    if said == 0:
        yield from nothing.items()
        return
    pairs = list(said.items()) if isinstance(said, dict) else list(zip(nothing, said, strict=True))
    for name, given in pairs:
        if isinstance(given, dict):
            yield name, given
        elif isinstance(given, list):
            over, under = given
            yield name, {"value": over / under, "numerator": over, "denominator": under, "n": under}
        else:
            yield name, {"value": given} if given else nothing[name]


def _show(picture: Picture, key: Key, fields: dict[str, str]) -> None:
    home, (scope,) = key.home, key.rest
    for name, value in sorted(fields.items()):
        window, _, family = name.rpartition(":")
        if window:
            try:
                held = json.loads(value)
                generation, offset = held["version"]
                heading = Heading(
                    held["state"], held["currency"], int(held["as_of"]), None, held.get("activities_fixed", False)
                )
                version = (int(generation), int(offset))
                figure = ShownFigure(scope, home, window, version, dict(held["kpis"]), family, heading)
            except (ValueError, KeyError, TypeError):
                picture.unreadable.append(Unreadable(home, scope, name, value))
            else:
                picture.add(figure)
