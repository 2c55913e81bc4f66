"""Display names of reps and teams, for people: kept in one key of Redis, and in no log, topic, metric or state."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from redis import Redis

from pipeline.sinks.redis_keys import Keys
from pipeline.views.asked import as_kept
from schemas.ids import kept_id, printable

KINDS = ("rep", "team")
MOST_LETTERS = 100
MOST_NAMES = 100_000
ALLOWED_SCOPE = "allowed is rep: or team: and an id, such as rep:7"
ALLOWED_NAME = f"allowed is a text of 1 to {MOST_LETTERS} characters without control characters"


class DirectoryError(ValueError):
    """Raised for a file of names that cannot be taken: the line, and what is allowed there."""


class Directory:
    """The names of one deployment. A reader needs no more rights than for figures, a writer those of its own user."""

    def __init__(self, client: Redis, namespace: str) -> None:
        self._client = client
        self._key = Keys(namespace).names

    def names(self) -> dict[str, str]:
        """All names, by scope; none where nobody keeps any."""
        return cast("dict[str, str]", self._client.hgetall(self._key))

    def of(self, scopes: Iterable[str]) -> dict[str, str]:
        """The names of these scopes, as far as they have any."""
        wanted = sorted(scopes)
        found = cast("list[str | None]", self._client.hmget(self._key, wanted)) if wanted else []
        return {scope: name for scope, name in zip(wanted, found, strict=True) if name}

    def replace(self, names: Mapping[str, str]) -> None:
        """Have these names and no others, at once."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(self._key)
            if names:
                cast("Any", pipe).hset(self._key, mapping=names)
            pipe.execute()

    def forget(self, scope: str) -> bool:
        """Delete one name; whether there was one."""
        return bool(self._client.hdel(self._key, scope))


def scope_of(given: str) -> str:
    """The scope of a rep or team, as it is kept, from how a source writes its id; ValueError for anything else."""
    kind, colon, written = given.strip().partition(":")
    if kind not in KINDS or not colon:
        raise ValueError(ALLOWED_SCOPE)
    kept_id(written)
    return as_kept(f"{kind}:{written}")


def read_names(lines: Iterable[str]) -> dict[str, str]:
    """The names of a CSV file with the columns `id` and `name`, by scope; DirectoryError names the first bad line."""
    rows = csv.DictReader(lines, strict=True)
    found: dict[str, str] = {}
    try:
        if not {"id", "name"} <= set(rows.fieldnames or ()):
            raise DirectoryError("line 1: allowed are the columns id and name")
        for scope, name in _rows(rows):
            if found.setdefault(scope, name) != name:
                raise DirectoryError(f"line {rows.line_num}: {scope} has two names")
            if len(found) > MOST_NAMES:
                raise DirectoryError(f"allowed are {MOST_NAMES:,} names")
    except csv.Error as error:
        raise DirectoryError(f"line {rows.line_num}: not CSV: {error}") from None
    return found


def _rows(rows: "csv.DictReader[str]") -> Iterator[tuple[str, str]]:
    for row in rows:
        place, name = f"line {rows.line_num}", (row["name"] or "").strip()
        try:
            scope = scope_of(row["id"] or "")
        except ValueError:
            raise DirectoryError(f"{place}: id: {ALLOWED_SCOPE}") from None
        try:
            fits = len(printable(name)) <= MOST_LETTERS and name.isprintable()
        except ValueError:
            fits = False
        if not fits:
            raise DirectoryError(f"{place}: name: {ALLOWED_NAME}")
        yield scope, name
