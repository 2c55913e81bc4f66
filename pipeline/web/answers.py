"""Answers of the API that are read anew from Redis, and refusals in words."""

from collections.abc import Mapping

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipeline.sinks.redis_trouble import trouble
from pipeline.views import achievements as achieved
from pipeline.views import benchmarks as benchmarking
from pipeline.views import coaching as coached
from pipeline.views import ranking, timeline, usual_day
from pipeline.views.asked import Asked, AskedError, asked, chosen_kpis, known_scope
from pipeline.views.benchmarks import asked_window, benchmarked_kpis, place_of
from pipeline.views.coaching import compared_kpis, sessions_of, today_of
from pipeline.views.least_sample import LEAST_SAMPLE
from pipeline.views.past import nothing_kept
from pipeline.views.ranking import board_window, ranked, ranked_home, ranked_kpi
from pipeline.views.readings import Reading
from pipeline.views.same_point import asked_point, same_point
from pipeline.views.series import asked_series, rows_of
from pipeline.web.hub import Hub
from pipeline.web.messages import history_message, same_point_message, series_message


async def history(hub: Hub, request: Request) -> Response:
    """The windows of a scope that the parameters ask for, past ones too, read anew."""
    given = request.query_params
    if "series" in given:
        return await _series(hub, request)
    if "against" in given:
        return await _against(hub, request)
    try:
        question = asked(given.get("window"), given.get("kind"), given.get("from"), given.get("to"))
        kpis = chosen_kpis(_named(given))
    except AskedError as error:
        return refused(f"{error.parameter}: {error}")
    found = await _read(hub, asked_scope(hub, request), question)
    if isinstance(found, Response):
        return found
    try:
        usual = await hub.usual(found[0], usual_day.compared_kpis(question, _named(given)))
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    return JSONResponse(history_message(found[0], kpis, usual, hub.evidence))


async def _series(hub: Hub, request: Request) -> Response:
    """One KPI day by day."""
    scope, given = asked_scope(hub, request), request.query_params
    try:
        if others := {"window", "kind", "kpi"}.intersection(given):
            raise AskedError(min(others), "is not given with series, which is of one KPI and of days")
        by_day = asked_series(given["series"], given.get("from"), given.get("to"))
    except AskedError as error:
        return refused(f"{error.parameter}: {error}")
    found = await _read(hub, scope, by_day.days)
    if isinstance(found, Response):
        return found
    reading, kept = found
    try:
        work = await hub.work_days(reading, by_day.days)
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    rows = rows_of(reading, kept, by_day, work)
    if not rows:
        return refused(nothing_kept(scope, by_day.days, kept, hub.chosen), 404)
    return JSONResponse(series_message(reading, rows, by_day.kpi, hub.evidence))


async def _against(hub: Hub, request: Request) -> Response:
    """The current period beside the one before, up to the same point."""
    scope, given = asked_scope(hub, request), request.query_params
    try:
        if others := {"window", "kind", "from", "to"}.intersection(given):
            raise AskedError(min(others), "is not given with against, which compares the current period")
        question = asked_point(given["against"], _named(given))
    except AskedError as error:
        return refused(f"{error.parameter}: {error}")
    days = await _read(hub, scope, question.days)
    if isinstance(days, Response):
        return days
    periods = await _read(hub, scope, question.periods)
    if isinstance(periods, Response):
        return periods
    try:
        compared = same_point(days[0], periods[0], question.kind)
    except AskedError as error:
        return refused(f"{scope}: {error}", 404)
    return JSONResponse(same_point_message(days[0], compared, question.kpis, hub.evidence))


async def coaching(hub: Hub, request: Request) -> Response:
    """What the figures of a scope were before and after each of its sessions, read anew."""
    try:
        kpis = compared_kpis(_named(request.query_params))
    except AskedError as error:
        return refused(f"{error.parameter}: {error}")
    found = await _read(hub, asked_scope(hub, request), asked(None, "day", None, None))
    if isinstance(found, Response):
        return found
    days, _ = found
    return JSONResponse(coached.as_json(days, sessions_of(days, kpis, today_of(days))))


async def ranks(hub: Hub, request: Request) -> Response:
    """The present reps of a team or the company in the order of a KPI, read anew."""
    home, given = asked_scope(hub, request, "home"), request.query_params
    least = given.get("least", str(LEAST_SAMPLE))
    try:
        kpi, window = ranked_kpi(given.get("kpi", "bookings")), given.get("window", "month")
        board_window(ranked_home(home), window, hub.chosen)
        found = await hub.board(home, window)
    except AskedError as error:
        return refused(f"{error.parameter}: {error}", 404 if error.parameter == "home" else 400)
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    if not (least.isascii() and least.isdigit() and int(least[:10]) > 0):
        return refused(f"least: {least!r} is no sample; allowed is a whole number from 1 on")
    if not found:
        return refused(f"there are no ranks of {home} in the window {window}", 404)
    board, currency = ranked(found, window, kpi, int(least[:10])), next(iter(found.values())).currency
    return JSONResponse(ranking.as_json(board, home, window, kpi, currency))


async def benchmarks(hub: Hub, request: Request) -> Response:
    """A rep beside the present reps of the team, beside the rep's own windows before and the industry, read anew."""
    scope, window = asked_scope(hub, request), request.query_params.get("window", "month")
    try:
        kpis, (rep, home) = benchmarked_kpis(_named(request.query_params)), place_of(scope)
        question = asked_window(home, window, hub.chosen)
        team, told = await hub.board(home, window), await hub.industry(home)
    except AskedError as error:
        return refused(f"{error.parameter}: {error}", 404 if error.parameter == "scope" else 400)
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    if rep not in team:
        return refused(f"{scope} is on no board of {home} in the window {window}", 404)
    found = await _read(hub, scope, question)
    if isinstance(found, Response):
        return found
    rows, reading = benchmarking.benchmarks(rep, team, found[0], window, kpis, told), team[rep]
    return JSONResponse(benchmarking.as_json(rows, reading.scope, reading.window_id(window), reading.currency))


async def recognition(hub: Hub, request: Request) -> Response:
    """What a rep or team achieved, the latest first, read anew."""
    scope = asked_scope(hub, request)
    try:
        found = await hub.achievements(scope)
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    if not found and scope not in hub.figures:
        return refused("no such scope", 404)
    return JSONResponse([achieved.as_json(each, hub.currency) for each in achieved.in_order(found)])


def timelines(hub: Hub, request: Request) -> Response:
    """What a rep's phone was set to through the day, within a team or over all of them."""
    scope = asked_scope(hub, request)
    found = timeline.timeline(hub.figures, scope)
    if found is not None:
        return JSONResponse(timeline.as_json(found))
    if scope not in hub.figures:
        return refused("no such scope", 404)
    return refused(f"no timeline of {scope} is published: it is of reps, where the family timeline is published", 404)


def asked_scope(hub: Hub, request: Request, parameter: str = "scope") -> str:
    """The scope in a path, as it is kept, whichever way it is written there."""
    return known_scope(request.path_params[parameter], hub.figures)


def _named(given: Mapping[str, str]) -> list[str]:
    return given["kpi"].split(",") if "kpi" in given else []


async def _read(hub: Hub, scope: str, question: Asked) -> tuple[Reading, list[str]] | Response:
    """The windows of a scope that are asked for and the ids of all, or the answer that says why there are none."""
    try:
        found = await hub.history(scope, question)
    except (RedisError, OSError) as error:
        return refused(trouble(error), 503)
    if found is None:
        return refused("no such scope", 404)
    reading, kept = found
    return found if reading.windows else refused(nothing_kept(scope, question, kept, hub.chosen), 404)


def refused(reason: str, status: int = 400) -> Response:
    """What a question that is not answered gets: why, and what is allowed."""
    return JSONResponse({"error": reason}, status_code=status)
