"""How figures follow from the panes of a scope: the only place that turns measures into what is published."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from pipeline.organisation.attendance import Attendance
from pipeline.scores.activity_score import NO_SCORE
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.by_day import as_of_today
from pipeline.scores.cold_panes import Measures
from pipeline.scores.definition import Definition
from pipeline.scores.exit_days import exits_before
from pipeline.scores.figures import NO_TEXTS, Figure, State
from pipeline.scores.goal_periods import current_period, past_period
from pipeline.scores.goals import NO_PERIOD, GoalPeriod
from pipeline.scores.home import LocalCalendar, Scope
from pipeline.scores.kpi_json import Held
from pipeline.scores.marks import KINDS
from pipeline.scores.masks import Masks
from pipeline.scores.occupancy import with_running
from pipeline.scores.panes import EVERYTHING as EVERY_WINDOW
from pipeline.scores.ranks import Ranks
from pipeline.scores.reps_at_work import with_rep_days, with_reps
from pipeline.scores.scored_scopes import current_score, past_score
from pipeline.scores.stall import NO_STALL, where_stalled
from pipeline.scores.timeline import NO_TIMELINE, timeline
from pipeline.scores.usual import NO_USUAL, Usual
from pipeline.scores.usual_days import usual_now
from pipeline.scores.waiting import with_waiting
from pipeline.scores.windows import NOW, ROLLING, Window, rolling_span_ms

FIRST_DAYS = len(ROLLING) + 1
"""The number of the first window of days."""


class Rendered(Protocol):
    """What figures need to know of their board."""

    @property
    def policy(self) -> BoardPolicy: ...
    @property
    def calendar(self) -> LocalCalendar: ...
    @property
    def generation(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def now_ms(self) -> int: ...
    @property
    def minute(self) -> int: ...
    @property
    def first_minute(self) -> int: ...
    @property
    def definition(self) -> Definition: ...
    @property
    def definition_version(self) -> str: ...
    @property
    def places(self) -> Mapping[str, int]: ...
    @property
    def masks(self) -> Masks: ...


def live_figures(board: Rendered, scope: Scope, marked: int) -> Iterator[Figure]:
    """The current figures with any family marked, with those families only."""
    defined = board.definition
    known = board.masks.known(scope)
    ranked, told = _write(board, scope, marked, known), _told(board, scope)
    for number, changed in defined.marks.by_window(marked).items():
        texts_of = scope.texts.get(number, NO_TEXTS)
        names = defined.table.names(changed & known)
        families = {name: texts_of[name] for name in names if name in texts_of}
        if families:
            yield _current(scope, number, families, tuple(families), ranked.get(number), told, whole=False)


def whole_figures(board: Rendered, scope: Scope, marked: int, fresh: int) -> Iterator[Figure]:
    """The current figures with any family marked, whole; `fresh` are the marks of what was not taken before."""
    defined = board.definition
    known = board.masks.known(scope)
    numbers, changed = defined.marks.by_window(marked), defined.marks.by_window(fresh)
    wanted = defined.marks.of(sum(1 << number for number in numbers), known)
    ranked = _write(board, scope, wanted & (fresh | ~scope.written), known)
    told = _told(board, scope)
    for number in numbers:
        families = scope.texts.get(number, NO_TEXTS)
        names = defined.table.names(changed.get(number, 0) & known)
        names = tuple([name for name in names if name in families])
        yield _current(scope, number, families, names, ranked.get(number), told, whole=True)


def every_figure(board: Rendered, scope: Scope) -> Iterator[Figure]:
    """All current figures, whole, formed anew from the panes."""
    defined = board.definition
    known, rep, standing = board.masks.known(scope), bool(scope.rep), scope.all_standing()
    told = _told(board, scope)
    for number, measures, _ in _windows(board, scope, defined.marks.by_window(board.masks.of(scope).marks)):
        found = _texts(board, scope, number, measures, standing, known, None)
        ranked = defined.ranking.of(measures, known) if rep and KINDS[number] != NOW else None
        yield _current(scope, number, found, tuple(found), ranked, told, whole=True)


def past_figure(board: Rendered, scope: Scope, window: Window) -> Figure:
    """The figure of a calendar window that is over: provisional, final, or restated when it changed after that.

    Of a scope that was heard of only after that nobody saw the window before its first was told: what comes within the
    time until finality from then on is its first telling.
    """
    measures, changed_ms, first_ms = scope.between(window.first_day, window.last_day)
    span = scope.home.span_ms(board.calendar, window)
    final_ms = span[1] + board.policy.finality_ms
    told_ms = final_ms if scope.since_ms <= final_ms else first_ms + board.policy.finality_ms
    state: State = "restated" if changed_ms > told_ms else "final" if board.now_ms >= final_ms else "provisional"
    known = board.masks.known(scope) & ~board.definition.table.timeline
    if known & board.definition.table.per_rep and not scope.rep:
        measures = with_rep_days(measures, scope.home, board.calendar, window)
    goals = past_period(scope.home, window) if scope.home.goals else NO_PERIOD
    found = board.definition.texts.of(
        measures, scope.all_standing(), known, window.kind, rep=bool(scope.rep), goals=goals,
        score=past_score(scope, window, measures),
    )  # fmt: skip
    return Figure(
        scope.home.name, scope.name, window.kind, window.id, *span, state, False, board.now_ms,
        (board.generation, board.position), board.currency, board.definition_version, found, tuple(found),
        activities_fixed=span[0] < _fixed_ms(board),
    )  # fmt: skip


def _fixed_ms(board: Rendered) -> int:
    """A window of days that began before may hold activities that are forgotten: no move takes them along any more."""
    return board.now_ms - board.policy.activity_ms


def gone_figure(board: Rendered, scope: Scope, kind: str, window: str) -> Figure:
    """What tells readers to forget a scope's window."""
    return Figure(
        scope.home.name, scope.name, kind, window, 0, 0, "final", False, board.now_ms,
        (board.generation, board.position), board.currency, board.definition_version, {}, (), gone=True,
    )  # fmt: skip


def _write(board: Rendered, scope: Scope, marked: int, known: int) -> dict[int, Ranks]:
    """Write the texts of all marked families anew; returns what a rep is ranked by in those windows.

    A family that has the same measures in the next window is written once for both, but for `now`, which has measures
    of its own. A window's texts are replaced, never changed: figures that were taken have them too.
    """
    ranked = {}
    rep, standing, defined = bool(scope.rep), scope.all_standing(), board.definition
    held: Held = {}
    marked_in = defined.marks.by_window(marked)
    for number, measures, changed in _windows(board, scope, marked_in):
        if changed:
            held = {each: text for each, text in held.items() if not each.bit & changed}
        wanted = marked_in[number] & known
        kind = KINDS[number]
        found = _texts(board, scope, number, measures, standing, wanted, None if kind == NOW else held)
        scope.texts[number] = {**scope.texts[number], **found} if number in scope.texts else found
        if rep and kind != NOW:  # Of what stands open now nobody is ranked.
            ranked[number] = defined.ranking.of(measures, known)
    scope.written |= marked & defined.marks.of(EVERY_WINDOW, known)
    return ranked


def _texts(
    board: Rendered, scope: Scope, number: int, measures: Measures, standing: Measures, wanted: int, held: Held | None
) -> dict[str, str]:
    """The texts of a current window; what follows from more than measures is asked for where it is wanted."""
    defined, kind, rep = board.definition, KINDS[number], bool(scope.rep)
    if not wanted & defined.table.apart:
        return defined.texts.of(measures, standing, wanted, kind, rep=rep, held=held, places=board.places)
    return defined.texts.of(
        measures, standing, wanted, kind, rep=rep, held=held, places=board.places,
        goals=_goals(board, scope, number), stall=_stall(board, scope, number, wanted),
        usual=_usual(board, scope, number, wanted), score=_score(board, scope, number, wanted),
        timeline=_timeline(board, scope, number, wanted),
    )  # fmt: skip


class _Told(NamedTuple):
    """What all current figures of a scope say alike: whether a rep is at work today among it."""

    now_ms: int
    minute: int
    version: tuple[int, int]
    currency: str
    definition: str
    fixed_ms: int
    attendance: Attendance | None


def _told(board: Rendered, scope: Scope) -> _Told:
    home = scope.home
    attends = board.calendar.attendance(home.name, scope.rep, home.today) if scope.rep else None
    return _Told(
        board.now_ms, board.minute, (board.generation, board.position), board.currency, board.definition_version,
        _fixed_ms(board), attends,
    )  # fmt: skip


def _goals(board: Rendered, scope: Scope, number: int) -> GoalPeriod:
    """The goals of a current window."""
    home = scope.home
    if not home.goals or number < FIRST_DAYS or scope is not home.total:
        return NO_PERIOD
    return current_period(home, board.calendar, number - FIRST_DAYS, board.minute)


def _stall(board: Rendered, scope: Scope, number: int, wanted: int) -> Mapping[str, Any]:
    """Where prospects stall in a scope, if that is wanted of a window: it follows from the days before today alone."""
    if KINDS[number] != NOW or scope.rep or not wanted & board.definition.table.stall:
        return NO_STALL
    return where_stalled(exits_before(scope, scope.home.today))


def _usual(board: Rendered, scope: Scope, number: int, families: int) -> Usual:
    """What a scope usually does by now, where it is to be told."""
    if number != FIRST_DAYS - 1 or not families & board.definition.table.usual:
        return NO_USUAL
    return usual_now(scope, board.minute, board.first_minute)


def _score(board: Rendered, scope: Scope, number: int, families: int) -> Mapping[str, Any]:
    """The activity score of a current window, where it is to be told."""
    if scope.home.scoring is None or number < FIRST_DAYS or not families & board.definition.table.score:
        return NO_SCORE
    return current_score(scope, number - FIRST_DAYS)


def _timeline(board: Rendered, scope: Scope, number: int, families: int) -> Mapping[str, Any]:
    """The timeline of the current day, where it is to be told."""
    if number != FIRST_DAYS or not families & board.definition.table.timeline:
        return NO_TIMELINE
    return timeline(scope.stretches, scope.all_standing(), *scope.home.spans[0])


def _windows(board: Rendered, scope: Scope, marked: Mapping[int, int]) -> Iterator[tuple[int, Measures, int]]:
    """Number and measures of each current window with a mark, and the families that may differ from the one before.

    `marked` are the families that are, by number. The measures hold until the next window is asked for. `now` is not
    comparable.
    """
    home, table, minute = scope.home, board.definition.table, board.minute
    before: Measures | None = None
    changed = 0
    first = min(marked, default=0)
    last = max((number for number in marked if number < len(ROLLING)), default=-1)
    for number, before in zip(range(last + 1), scope.rolling(minute), strict=False):
        if number > first:  # The first one is compared with none.
            changed |= table.concerned(scope.band(number, minute))
        if number in marked:
            yield number, before, changed
            changed = 0
    if wanted := marked.get(FIRST_DAYS - 1):
        up_to = home.stalled_up_to(board.calendar, board.policy.stalled_days)
        standing = as_of_today(scope.all_standing(), home.today, up_to)
        if wanted & table.waiting:
            standing = with_waiting(standing, scope, minute)
        if wanted & table.per_rep:
            standing = with_reps(standing, home, board.calendar)
        yield FIRST_DAYS - 1, standing, 0
    stands = scope.all_standing()
    for number, wanted in marked.items():
        if number >= FIRST_DAYS:
            measures = scope.of_days(number - FIRST_DAYS, home.today, home.current)
            measures = with_running(measures, stands, home.today, minute)
            if before is None:
                changed = table.all_families
            elif measures != before:
                changed |= table.concerned({name for name, _ in measures.items() ^ before.items()})
            before = measures
            if wanted & table.per_rep and not scope.rep:
                changed |= table.per_rep  # Of each window other days at work are told.
                measures = with_rep_days(measures, home, board.calendar, home.current[number - FIRST_DAYS])
            yield number, measures, changed
            changed = 0


def _current(
    scope: Scope, number: int, families: Mapping[str, str], fresh: tuple[str, ...], ranked: Ranks | None, told: _Told,
    *, whole: bool,
) -> Figure:  # fmt: skip
    home, kind, of_days = scope.home, KINDS[number], number >= FIRST_DAYS
    if of_days:
        window, span = home.current[number - FIRST_DAYS].id, home.spans[number - FIRST_DAYS]
    elif number < len(ROLLING):
        window, minutes = ROLLING[number]
        span = rolling_span_ms(told.minute, minutes)
    else:
        window, span = NOW, (told.now_ms, told.now_ms)
    return Figure(
        home.name, scope.name, kind, window, *span, "provisional", True, told.now_ms, told.version, told.currency,
        told.definition, families, fresh, whole, ranked,
        activities_fixed=of_days and span[0] < told.fixed_ms,
        attendance=told.attendance if of_days else None,
    )  # fmt: skip
