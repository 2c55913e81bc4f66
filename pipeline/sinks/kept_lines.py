"""The lines of a scrape, kept by scope: what did not change since the one before is not made again."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from pipeline.kernel.lease import Lease
from pipeline.kernel.time_slice import TURN_SECONDS, TimeSlice
from pipeline.monitoring.exposition import Gauges, escaped, number
from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.home import Scope
from pipeline.scores.readings import Choice, ReadBoard
from pipeline.sinks.series_names import is_money, series_name

IN_MAIN_UNITS = ", in the main unit of the currency"
AT_ONCE = 5000
"""So many lines are written without a turn for others, some milliseconds, so that all are of one position."""
MOST_PASSES = 4
"""A floor that changes faster than that is shown as it was read, and without a cut."""
ROWS_AT_ONCE = 5000
"""So many lines are put together at a time: what does it gives nobody else a turn."""


class ShownBoard(ReadBoard, Protocol):
    """What is shown of a board."""

    @property
    def now_ms(self) -> int: ...
    @property
    def currency(self) -> str: ...
    def shown(self, *, reps: bool) -> list[Scope]: ...


class Kept(NamedTuple):
    """A scope's lines: those of each KPI together, in the order of the choice, as they were at a revision."""

    revision: int
    currency: str
    lines: Sequence[str]


class Seen(NamedTuple):
    """The lines of a partition, and whether all of them are of the position where the lease stands now."""

    kept: Sequence[Kept]
    whole: bool


class KeptLines:
    """Lines of one choice of KPIs and windows, for every scrape of one path."""

    def __init__(self, namespace: str, choice: Choice, turn_seconds: float = TURN_SECONDS) -> None:
        self._choice = choice
        self._turn_seconds = turn_seconds
        self._at_once = max(AT_ONCE // max(choice.most_series, 1), 1)
        self._heads = [f'{series_name(read)}{{namespace="{escaped(namespace)}",' for read in choice.read]
        self._money = [is_money(read) for read in choice.read]
        self._places = {read: place for place, read in enumerate(choice.read)}
        self._scopes: dict[Lease, dict[Scope, Kept]] = {}

    def forget(self, held: Sequence[Lease]) -> None:
        """Called at each scrape with the leases that there are: nothing is kept of others."""
        self._scopes = {lease: scopes for lease, scopes in self._scopes.items() if lease in held}

    async def see(self, lease: Lease, board: ShownBoard, most: int) -> tuple[Seen, int]:
        """The lines of all scopes, `most` of them at most, and how many were left out; the last step is not awaited.

        Scopes that changed are written a slice at a time, with a turn for others in between. What changed meanwhile is
        written in another pass, until so little is left that it needs no turn: then all lines are of one position.
        """
        known, turn = self._scopes.setdefault(lease, {}), TimeSlice(self._turn_seconds)
        await lease.until_settled()
        scopes, behind = self._behind(board, known, most)
        for _ in range(MOST_PASSES):
            if len(behind) <= self._at_once:
                break
            for scope in behind:
                known[scope] = self._write(board, scope)
                await turn.pause()
                await lease.until_settled()
            scopes, behind = self._behind(board, known, most)
        for scope in behind[: self._at_once]:
            known[scope] = self._write(board, scope)
        shown = {scope: known[scope] for scope in scopes[:most] if scope in known}
        self._scopes[lease] = shown
        return Seen(list(shown.values()), len(behind) <= self._at_once), len(scopes[most:])

    def families(self, kept: Sequence[Kept]) -> Iterator[Gauges]:
        """By KPI, as they are written; may be used in a thread."""
        for place, read in enumerate(self._choice.read):
            pieces = (
                "".join([each.lines[place] for each in kept[start : start + ROWS_AT_ONCE]])
                for start in range(0, len(kept), ROWS_AT_ONCE)
            )
            text = f"{read.part.capitalize()} of: {read.kpi.description}" if read.part else read.kpi.description
            yield Gauges(series_name(read), text + IN_MAIN_UNITS * is_money(read), pieces)

    def _behind(self, board: ShownBoard, known: Mapping[Scope, Kept], most: int) -> tuple[list[Scope], list[Scope]]:
        """All scopes, and of the first so many those whose lines do not hold any more."""
        scopes = board.shown(reps=self._choice.reps) if self._choice.kpis else []
        currency = board.currency
        behind = []
        for scope in scopes[:most]:
            kept = known.get(scope)
            if kept is None or kept.revision != scope.revision or kept.currency != currency:
                behind.append(scope)
        return scopes, behind

    def _write(self, board: ShownBoard, scope: Scope) -> Kept:
        currency = board.currency
        minor, money = 10 ** minor_digits(currency), f',currency="{escaped(currency)}"'
        heads, places, money_of, lines = self._heads, self._places, self._money, [""] * len(self._heads)
        labels = self._labels(scope)
        for window, read, stage, value in self._choice.of(board, scope):
            place, shown, more = places[read], value, ""
            if money_of[place]:
                shown, more = value / minor, money
            if stage:
                first, _, second = stage.partition(":")
                names = ("state", "reason") if read.kpi.formula == "states" else ("process", "stage")
                more += f',{names[0]}="{escaped(first)}",{names[1]}="{escaped(second)}"'
            text = str(shown) if type(shown) is int else number(shown)
            lines[place] += f'{heads[place]}{labels},window="{window}"{more}}} {text}\n'
        return Kept(scope.revision, currency, lines)

    def _labels(self, scope: Scope) -> str:
        labels = f'team="{escaped(scope.home.name)}",scope="{escaped(scope.name)}"'
        return f'{labels},rep="{escaped(scope.rep)}"' if self._choice.reps else labels
