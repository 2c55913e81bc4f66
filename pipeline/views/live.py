"""The live figures as they change: a picture of all scopes, kept up to date from the channel of changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from pipeline import clock
from pipeline.measures import COMPANY
from pipeline.scores.chosen import Chosen
from pipeline.sinks.redis_trouble import trouble
from pipeline.views import freshness
from pipeline.views.achievements import in_order
from pipeline.views.asked import Asked, known_scope
from pipeline.views.directory import Directory
from pipeline.views.freshness import Evidence, Verdict
from pipeline.views.readings import Reading, Readings
from pipeline.views.usual_day import UsualDays, WorkDays, asked_before, calendars_of, usual_days

SCAN_SECONDS = 5.0
ALERT_SECONDS = 1.0
"""Alerts and heartbeats are read anew so often."""
SHOWN_ACHIEVEMENTS = 20
"""So many of the latest are kept at hand."""
TOGETHER_SECONDS = 0.2
"""Changes so close together are read at once."""


class LiveFigures:
    """All scopes with their current figures, open alerts, contests, what is published, names. Not for two threads."""

    def __init__(self, client: Redis, namespace: str) -> None:
        """Reads everything once.

        redis.exceptions.ConnectionError where no Redis answers, SetupError where its keys have another layout.
        """
        self._readings = Readings(client, namespace)
        self._directory = Directory(client, namespace)
        self._channel = cast("Any", client).pubsub(ignore_subscribe_messages=True)
        self._channel.psubscribe(self._readings.changes_pattern)
        self._scopes: dict[str, str] = {}
        self._scanned = self._alerted = float("-inf")
        self.figures: dict[str, Reading] = {}
        self.alerts: list[dict[str, Any]] = []
        self.contests: list[dict[str, Any]] = []
        self.achieved: list[dict[str, Any]] = []
        """The latest achievements, the newest first; they and an industry's figures are read with each scan."""
        self.industry_told: list[dict[str, Any]] = []
        self.evidence = Evidence()
        self.chosen = Chosen()
        self.names: dict[str, str] = {}
        self._read(self._scan())

    @property
    def namespace(self) -> str:
        """The deployment whose figures these are."""
        return self._readings.namespace

    @property
    def down(self) -> bool:
        """Whether Redis does not answer at the moment: nothing here changes meanwhile."""
        return self.evidence.down_since_ms is not None

    @property
    def verdict(self) -> Verdict:
        """What can be said of all figures together."""
        return freshness.overall(self.evidence)

    @property
    def currency(self) -> str:
        """What the company's money is in; empty while nothing is published of it."""
        found = self.figures.get(COMPANY) or next(iter(self.figures.values()), None)
        return "" if found is None else found.currency

    @property
    def as_of_ms(self) -> int:
        """The latest instant that any figure is of; 0 where there is none yet."""
        return max((reading.as_of_ms for reading in self.figures.values()), default=0)

    def known_scope(self, given: str) -> str:
        """The scope that somebody means, by ids as they are kept or as their sources write them."""
        return known_scope(given, self.figures)

    def history(self, scope: str, question: Asked) -> tuple[Reading, list[str]] | None:
        """Windows of a scope, past ones too, and the ids of all that are kept; None where there is no such scope.

        Read anew, and by any thread. redis.exceptions.RedisError where Redis does not answer.
        """
        return self._readings.history(scope, question)

    def work_days(self, days: Reading, question: Asked) -> WorkDays:
        """The days of a scope that a question gave, with those of its calendars, read anew and by any thread."""
        others = (each for each in calendars_of(days.scope) if each != days.scope)
        found = [told[0] for home in others if (told := self._readings.history(home, question))]
        return WorkDays.read(days, (days, *found))

    def usual(self, reading: Reading, kpis: Sequence[str]) -> UsualDays:
        """What is usual of the windows of a reading that are days, of these KPIs; read anew, and by any thread."""
        question = asked_before(reading) if kpis else None
        found = None if question is None else self._readings.history(reading.scope, question)
        if question is None or found is None:
            return {}
        return usual_days(reading, self.work_days(found[0], question), kpis)

    def board(self, home: str, kind: str) -> dict[str, Reading]:
        """The current figures of the reps on the boards of a team, or of `company`, by rep; empty where there are none.

        Read anew, and by any thread. redis.exceptions.RedisError where Redis does not answer.
        """
        return self._readings.board(home, kind)

    def industry(self, home: str) -> list[dict[str, Any]]:
        """An industry's figures beside a team, or `company`; read anew, and by any thread."""
        return self._readings.industry(home)

    def achievements(self, scope: str | None = None) -> list[dict[str, Any]]:
        """What all reps and teams achieved, or one of them; read anew, and by any thread."""
        return self._readings.achievements(scope)

    def wait(self, seconds: float) -> set[str]:
        """Wait so long at most for something to change; returns the scopes that did, their figures read anew.

        A scope that is gone is among them, and no longer among the figures. While Redis does not respond, `down` is
        true and nothing changes. SetupError where its keys have got another layout meanwhile.
        """
        try:
            heard = self._heard(seconds)
            changed = self._scan() | heard.keys()
            # A scan may miss what appears while it runs, but not what was heard of.
            self._scopes |= heard
            self._read(changed)
        except (RedisError, OSError) as error:
            since_ms = self.evidence.down_since_ms or clock.now_ms()
            self.evidence = replace(self.evidence, down_since_ms=since_ms, down_why=trouble(error))
            self._scanned = self._alerted = float("-inf")
            clock.pause(seconds)
            return set()
        return changed

    def close(self) -> None:
        """Leave the channel."""
        self._channel.close()

    def _read(self, scopes: set[str]) -> None:
        """Read the figures of scopes; those that have none any more are dropped."""
        found = self._readings.read({scope: self._scopes[scope] for scope in scopes if scope in self._scopes})
        self.figures |= found
        for gone in scopes - found.keys():
            self.figures.pop(gone, None)
            self._scopes.pop(gone, None)

    def _heard(self, seconds: float) -> dict[str, str]:
        """The scopes named on the channel until a short while after the first of them, with their homes."""
        heard: dict[str, str] = {}
        until = clock.elapsed_seconds() + seconds
        while (left := until - clock.elapsed_seconds()) > 0:
            message = self._channel.get_message(timeout=left)
            if message is None:
                continue
            if not heard:
                until = min(until, clock.elapsed_seconds() + TOGETHER_SECONDS)
            if told := self._readings.changed_scope(message["channel"], message["data"]):
                heard |= [told]
        return heard

    def _scan(self) -> set[str]:
        """Look for scopes and alerts that nothing was heard of; returns the scopes that have come or gone."""
        at = clock.elapsed_seconds()
        due, lost = at - self._scanned >= SCAN_SECONDS, self._scanned == float("-inf")
        if due:
            self._scanned = float("-inf")
            self._readings.check_layout()
        if at - self._alerted >= ALERT_SECONDS:
            self.alerts, self.contests = self._readings.alerts(), self._readings.contests()
            beats, alive = self._readings.beats(), self._readings.alive()
            self.evidence = replace(self.evidence, beats=beats, alive=alive, down_since_ms=None, down_why="")
            self._alerted = at
        if not due:
            return set()
        self.chosen, self.names = self._readings.chosen(), self._directory.names()
        self.achieved = in_order(self._readings.achievements())[:SHOWN_ACHIEVEMENTS]
        self.industry_told = self._readings.industry(COMPANY)
        homes, filling = self._readings.filling()
        self.evidence = replace(self.evidence, homes=homes, filling=filling)
        # After Redis was away, whatever is known may have changed unheard.
        known = set() if lost else self.figures.keys()
        self._scopes = self._readings.scopes()
        self._scanned = at
        return (self._scopes.keys() - known) | (self.figures.keys() - self._scopes.keys())
