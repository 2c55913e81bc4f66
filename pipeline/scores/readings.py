"""KPIs as numbers, straight from the measures: what is read of a scope by whoever wants neither text nor a history."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

from pipeline.kernel.sketch import quantile_of
from pipeline.scores.agent_states import agent_states
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.by_day import as_of_today
from pipeline.scores.definition import DEFINITION, Definition
from pipeline.scores.home import LocalCalendar, Scope
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpi_table import WAITING
from pipeline.scores.marks import KINDS, NAMES
from pipeline.scores.named import Named
from pipeline.scores.occupancy import with_running
from pipeline.scores.reps_at_work import per_rep, with_rep_days, with_reps
from pipeline.scores.stage_kpis import STAGE_KPIS
from pipeline.scores.velocity import velocity
from pipeline.scores.waiting import with_waiting
from schemas.integers import LEAST, MOST, fits
from schemas.windows import ROLLING

Measures = Mapping[str, int]
_NOW = len(ROLLING)

Part = Literal["", "numerator", "denominator"]


class Read(NamedTuple):
    """What is read of a KPI: its value, or one of the two numbers that the value is the quotient of."""

    kpi: Kpi
    part: Part = ""


Reading = tuple[str, Read, str, float]
"""One number: the window, of what, and the number in the KPI's unit.

Where it is of a stage there is `<process>:<stage>` before the number, where it is of a state that, with its reason.
"""


class ReadBoard(Protocol):
    """What readings need to know of the board of a scope."""

    @property
    def minute(self) -> int: ...
    @property
    def policy(self) -> BoardPolicy: ...
    @property
    def calendar(self) -> LocalCalendar: ...


Number = Callable[[Measures], float | None]
"""A KPI's value, from the measures of its window; None where it cannot be computed."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The KPIs read in one window, by how they are computed."""

    number: int
    per_rep: bool
    plain: tuple[tuple[Read, Number], ...]
    quantiles: tuple[Kpi, ...]
    stages: tuple[Kpi, ...]
    states: tuple[Kpi, ...]
    velocities: tuple[Kpi, ...]


class Choice:
    """Which KPIs are read, in which windows; of reps, or of all other scopes. In the order in which they are named.

    Of a quotient of larger scopes both its numbers are read too: so any choice of teams can be pooled.
    """

    def __init__(
        self, kpis: Iterable[str], windows: Iterable[str], *, reps: bool, definition: Definition = DEFINITION
    ) -> None:
        self.kpis = tuple(definition.table.by_name[name] for name in kpis)
        self.windows = tuple(windows)
        self.reps = reps
        self.read = tuple(Read(kpi, part) for kpi in self.kpis for part in self._parts(kpi))
        self._given = {
            number: frozenset(definition.table.given_in(kind, rep=reps))
            for number, kind in enumerate(KINDS)
            if NAMES[number] in self.windows
        }
        self._of = lru_cache(maxsize=1024)(self._rows)

    @property
    def most_series(self) -> int:
        """How many numbers a scope has at most, each funnel counted as one."""
        return sum(read.kpi in given for given in self._given.values() for read in self.read)

    def without_window(self) -> tuple[Kpi, ...]:
        """The KPIs that have no figure in any of the windows."""
        return tuple(kpi for kpi in self.kpis if not any(kpi in given for given in self._given.values()))

    def of(self, board: ReadBoard, scope: Scope) -> Iterator[Reading]:
        """All that can be computed now, window by window. To be read at once, between two folds."""
        standing, home = scope.all_standing(), scope.home
        now = as_of_today(standing, home.today, home.stalled_up_to(board.calendar, board.policy.stalled_days))
        if WAITING in home.families:
            now = with_waiting(now, scope, board.minute)
        rolling, next_rolling = scope.rolling(board.minute), 0
        measures: Measures = {}
        for rows in self._of(home.families):
            number, name = rows.number, NAMES[rows.number]
            if number < _NOW:
                for _ in range(next_rolling, number + 1):
                    measures = next(rolling)
                next_rolling = number + 1
            elif number == _NOW:
                measures = with_reps(now, home, board.calendar) if rows.per_rep else now
            else:
                days = scope.of_days(number - _NOW - 1, home.today, home.current)
                measures = days = with_running(days, standing, home.today, board.minute)
                if rows.per_rep:
                    measures = with_rep_days(days, home, board.calendar, home.current[number - _NOW - 1])
            for read, evaluate in rows.plain:
                if (value := evaluate(measures)) is not None:
                    yield name, read, "", value
            if (rows.quantiles or rows.stages or rows.states) and measures:
                named = Named(measures, {})
                yield from _quantiles(name, rows.quantiles, named)
                yield from _stages(name, rows.stages, named)
                yield from _states(name, rows.states, named)
            for velocity_kpi in rows.velocities:
                if (value := velocity(measures, standing)["value"]) is not None:
                    yield name, Read(velocity_kpi), "", value

    def _rows(self, families: frozenset[str]) -> Sequence[_Rows]:
        """The windows with those of the KPIs that a home with data of these families has."""
        found = []
        for number, given in self._given.items():
            known = [kpi for kpi in self.kpis if kpi in given and kpi.family in families]
            by_formula: dict[str, list[Kpi]] = {}
            for kpi in known:
                by_formula.setdefault(kpi.formula, []).append(kpi)
            plain = [read for read in self.read if read.kpi in known and read.kpi.formula in _PLAIN]
            found.append(
                _Rows(
                    number,
                    "per_rep" in by_formula,
                    tuple((read, _number(read)) for read in plain),
                    tuple(kpi for kpi in known if kpi.formula in QUANTILES),
                    *(tuple(by_formula.get(formula, ())) for formula in ("stages", "states", "velocity")),
                )
            )
        return found

    def _parts(self, kpi: Kpi) -> Sequence[Part]:
        return ("",) if self.reps or kpi.formula not in ("ratio", "mean") else ("", "numerator", "denominator")


def _number(read: Read) -> Number:
    return _PLAIN[read.kpi.formula](read.kpi) if not read.part else _part(read)


def _quantiles(window: str, kpis: Iterable[Kpi], named: Named) -> Iterator[Reading]:
    for kpi in kpis:
        value = quantile_of(named.ordered(kpi.numerator[0]), QUANTILES[kpi.formula])
        if value is not None:
            yield window, Read(kpi), "", value if kpi.divisor == 1 else value / kpi.divisor


def _stages(window: str, kpis: Iterable[Kpi], named: Named) -> Iterator[Reading]:
    for kpi in kpis if named.stages or named.stage_sketches else ():
        for stage, told in STAGE_KPIS[kpi.name](named)["stages"].items():
            if (value := told["value"]) is not None:
                yield window, Read(kpi), stage, value


def _states(window: str, kpis: Iterable[Kpi], named: Named) -> Iterator[Reading]:
    for kpi in kpis:
        for state, told in agent_states(named.stages)["states"].items():
            yield window, Read(kpi), state, told["value"]


def _count(kpi: Kpi) -> Number:
    return _sum(kpi.numerator, (), kpi.divisor)


def _age(kpi: Kpi) -> Number:
    (name,) = kpi.numerator
    return lambda measures: measures.get(name)


def _sum(names: Sequence[str], left_out: Sequence[str], divisor: int) -> Number:
    """None where more than 64 bits hold."""

    def evaluate(measures: Measures) -> float | None:
        value = 0
        for name in names:
            value += measures.get(name, 0)
        for name in left_out:
            value -= measures.get(name, 0)
        if not LEAST <= value <= MOST:
            return None
        return value if divisor == 1 else value / divisor

    return evaluate


def _quotient(kpi: Kpi) -> Number:
    """None where nothing is divided by, or by or of more than 64 bits hold."""
    over, under, left_out, divisor = kpi.numerator, kpi.denominator, kpi.left_out, kpi.divisor

    def evaluate(measures: Measures) -> float | None:
        below = 0
        for name in under:
            below += measures.get(name, 0)
        for name in left_out:
            below -= measures.get(name, 0)
        above = 0
        for name in over:
            above += measures.get(name, 0)
        if below <= 0 or below > MOST or not LEAST <= above <= MOST:
            return None
        return (above if divisor == 1 else above / divisor) / below

    return evaluate


def _per_rep(kpi: Kpi) -> Number:
    (reps,) = kpi.denominator

    def evaluate(measures: Measures) -> float | None:
        amount = sum(measures.get(name, 0) for name in kpi.numerator)
        return per_rep(amount, measures.get(reps, 0)) if fits(amount) else None

    return evaluate


def _part(read: Read) -> Number:
    """One of the numbers of a quotient, whether anything is divided by or not."""
    kpi = read.kpi
    return _count(kpi) if read.part == "numerator" else _sum(kpi.denominator, kpi.left_out, 1)


_PLAIN: Mapping[str, Callable[[Kpi], Number]] = {
    "count": _count, "wait": _count, "age": _age, "ratio": _quotient, "mean": _quotient,
    "per_rep": _per_rep,
}  # fmt: skip
