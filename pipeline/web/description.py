"""The API described as OpenAPI 3.1: paths, parameters, and the schema of each answer with every KPI by name."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.release import installed_version
from pipeline.scores.kpi_schema import kpi_schema
from pipeline.web.alert_actions import REQUESTS
from schemas import answers
from schemas.alert_requests import AcceptedAction, OfferedActions
from schemas.answers import COMPONENTS, Kpis

HISTORY: Mapping[str, str] = {
    "window": "One window, by its id or, of a current one, its kind.",
    "kind": "All windows of a kind that are kept.",
    "from": "The first of them.",
    "to": "The last of them.",
    "kpi": "Only these KPIs and families, separated by commas.",
    "series": "One KPI day by day, between `from` and `to`, beside days before, its target and what is usual.",
    "against": "The current `week`, `month` or `quarter` beside the one before, up to the same point.",
}
"""What may be asked of one scope."""
RANKS: Mapping[str, str] = {
    "kpi": "A KPI of reps of which more, or less, is better; `bookings` by default.",
    "window": "A current window, `month` by default.",
    "least": "The least sample of a ratio, average or median that has a place; 5 by default.",
}
BENCHMARKS: Mapping[str, str] = {"kpi": HISTORY["kpi"], "window": RANKS["window"]}
COACHING: Mapping[str, str] = {"kpi": HISTORY["kpi"]}
TOKEN = "token"
WRITES_REFUSED: Mapping[str, str] = {
    "400": "Not understood.",
    "401": "Not the token of this board.",
    "403": "This board has no token, and takes nothing.",
    "404": "The alert is not open, and only an open one is acknowledged.",
    "409": "The alert has opened again since.",
    "413": "Too long.",
    "415": "Not application/json.",
    "429": "Too many a minute.",
    "503": "Kafka does not take it.",
}
_OF_SCOPE = "`rep:7@north`, `rep:7`."
_FIGURES = (answers.Figures, {"window": "A current window, `day` by default."})
_SCOPE: tuple[type[BaseModel], ...] = (answers.ScopeFigures, answers.History, answers.Series, answers.SamePoint)
_LISTS: Mapping[str, type[BaseModel]] = {
    "alerts": answers.OpenAlert,
    "contests": answers.Contest,
    "kpis": answers.Definition,
    "windows": answers.ShownWindow,
}
_MODELS: tuple[type[BaseModel], ...] = (
    answers.Figures, *_SCOPE, *_LISTS.values(), answers.Partitions, answers.Refusal,
    answers.Ranks, answers.Benchmarks, answers.BesideIndustry, answers.Coaching, answers.Names, answers.Achieved,
    answers.Timeline, AcceptedAction, OfferedActions,
)  # fmt: skip


@cache
def description() -> Mapping[str, Any]:
    """Served at `/api/v1/openapi.json`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Salespulse", "version": installed_version()},
        "paths": {
            "/api/v1/figures": _path("All scopes in one current window", _ref(_FIGURES[0]), _asked(_FIGURES[1])),
            "/api/v1/figures/{scope}": _path(
                "One scope in all current windows, or in those that are asked for",
                {"anyOf": [_ref(model) for model in _SCOPE]},
                [_parameter("scope", "`team:north`, `rep:7`, `company`.", where="path"), *_asked(HISTORY)],
            ),
            "/api/v1/ranks/{home}": _path(
                "The present reps of a team, or of all teams, in the order of a KPI",
                _ref(answers.Ranks),
                [_parameter("home", "`team:north`, `company`.", where="path"), *_asked(RANKS)],
            ),
            "/api/v1/benchmarks/{scope}": _path(
                "A rep beside the peers, the team and the windows before",
                _ref(answers.Benchmarks),
                [_parameter("scope", _OF_SCOPE, where="path"), *_asked(BENCHMARKS)],
            ),
            "/api/v1/coaching/{scope}": _path(
                "Figures in the 28 days before and after each session",
                _ref(answers.Coaching),
                [_parameter("scope", _OF_SCOPE, where="path"), *_asked(COACHING)],
            ),
            "/api/v1/industry": _path(
                "Reps here beside those elsewhere, in one current window",
                {"type": "array", "items": _ref(answers.BesideIndustry)},
                _asked(_FIGURES[1]),
            ),
            "/api/v1/timelines/{scope}": _path(
                "What a rep's phone was set to through the day, within a team or over all of them",
                _ref(answers.Timeline),
                [_parameter("scope", "`rep:7@north`, `rep:7`.", where="path")],
            ),
            "/api/v1/recognition/{scope}": _path(
                "Best periods, milestones and streaks of a rep over all teams, or of a team",
                {"type": "array", "items": _ref(answers.Achieved)},
                [_parameter("scope", "`rep:7`, `team:north`.", where="path")],
            ),
            **{
                f"/api/v1/{name}": _path(str(model.__doc__), {"type": "array", "items": _ref(model)}, [])
                for name, model in _LISTS.items()
            },
            **{f"/api/v1/alerts/{action}": _written(model) for action, model in REQUESTS.items()},
            "/api/v1/names": _path("Display names of reps and teams", _ref(answers.Names), []),
            "/api/v1/alert-actions": _path("What may be done about alerts", _ref(OfferedActions), []),
            "/api/v1/freshness": _path("Who vouches, partition by partition", _ref(answers.Partitions), []),
        },
        "components": {
            "schemas": _components(),
            "securitySchemes": {TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }


def _components() -> dict[str, Any]:
    forms: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "serialization") for model in _MODELS),
        *((model, "validation") for model in REQUESTS.values()),
    ]
    _, found = models_json_schema(forms, ref_template=COMPONENTS)
    schema = kpi_schema()
    ours = {Kpis.__name__: {**schema["properties"]["kpis"], "units": schema["units"]}, **schema["$defs"]}
    moved = json.loads(json.dumps(ours).replace('"#/$defs/', '"' + COMPONENTS.format(model="")))
    return {**found.get("$defs", {}), **moved}


def _path(summary: str, schema: Mapping[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answer = {"200": _answer("What was asked for.", schema), "400": _answer("Not understood.", _ref(answers.Refusal))}
    if any(each["in"] == "path" for each in parameters):
        answer["404"] = _answer("There is no such scope or window.", _ref(answers.Refusal))
    return {"get": {"summary": summary, "parameters": parameters, "responses": answer}}


def _written(model: type[BaseModel]) -> dict[str, Any]:
    """A path by which something is written: what it takes, and each refusal in words."""
    body = {"required": True, "content": {"application/json": {"schema": _ref(model)}}}
    refusals = {status: _answer(words, _ref(answers.Refusal)) for status, words in WRITES_REFUSED.items()}
    return {
        "post": {
            "summary": str(model.__doc__), "security": [{TOKEN: []}], "requestBody": body,
            "responses": {"202": _answer("Written.", _ref(AcceptedAction)), **refusals},
        }
    }  # fmt: skip


def _answer(words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _asked(names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_parameter(name, words) for name, words in names.items()]


def _parameter(name: str, words: str, *, where: str = "query") -> dict[str, Any]:
    return {
        "name": name, "in": where, "description": words, "required": where == "path", "schema": {"type": "string"},
    }  # fmt: skip


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": COMPONENTS.format(model=model.__name__)}
