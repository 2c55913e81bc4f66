"""Whether a dashboard is what Grafana reads: held against the types of the SDK's models, key by key, with none left."""

import enum
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import bargauge, dashboard, prometheus, stat, statetimeline, table, timeseries

PANELS: Mapping[str, tuple[type, type | None]] = {
    "stat": (stat.Options, None),
    "bargauge": (bargauge.Options, None),
    "timeseries": (timeseries.Options, timeseries.FieldConfig),
    "state-timeline": (statetimeline.Options, statetimeline.FieldConfig),
    "table": (table.Options, table.FieldConfig),
}
"""By the id of each plugin that is used: what its options are, and the own settings of its fields."""

TRANSFORMATIONS: Mapping[str, Mapping[str, Any]] = {
    "merge": {},
    "organize": {"excludeByName": dict[str, bool], "indexByName": dict[str, int], "renameByName": dict[str, str]},
}
"""By the id of each transformation: what its options are."""

UNITS = frozenset((
    "short", "percentunit", "s", "d", "ops", "bytes", "Bps", "dateTimeAsIsoNoDateIfToday",
    "currencyBRL", "currencyCHF", "currencyCZK", "currencyDKK", "currencyEUR", "currencyGBP", "currencyINR",
    "currencyISK", "currencyJPY", "currencyKRW", "currencyNOK", "currencyPLN", "currencySEK", "currencyUSD",
    "currencyZAR",
))  # fmt: skip
"""Units that are used. Grafana takes any other word for the name of a unit, and writes it behind the number."""

VARIABLE_QUERY: Mapping[str, Any] = {"qryType": int, "query": str, "refId": str}
"""What the Prometheus plugin wants to know of a variable's query."""


class Field(typing.NamedTuple):
    """What stands under a key: its type, and whether it has to be there."""

    type: Any
    required: bool


def faults(board: Mapping[str, Any]) -> list[str]:
    """Everything that Grafana would not understand, each with where it stands."""
    return list(_of_model(dashboard.Dashboard, board, "dashboard"))


@cache
def _fields(model: type) -> Mapping[str, Field]:
    """The keys of a model. Its own writer says under which one an attribute stands."""
    hints = typing.get_type_hints(model)
    filled: Any = object.__new__(model)
    for name in hints:
        setattr(filled, name, name)
    return {key: Field(hints[name], not _may_be_none(hints[name])) for key, name in filled.to_json().items()}


def _may_be_none(hint: Any) -> bool:
    return types.NoneType in typing.get_args(hint)


def _of_model(model: type, value: Any, at: str) -> Iterator[str]:
    """What is wrong with a value as one of a model; what depends on a neighbour of it is looked at here."""
    if not isinstance(value, dict):
        yield f"{at}: no {model.__name__}: {value!r}"
        return
    if model is dashboard.DynamicConfigValue:
        yield from _override(value, at)
        return
    special = _special(model, value)
    yield from _keys({**_fields(model), **special}, value, at)


def _special(model: type, value: Mapping[str, Any]) -> Mapping[str, Field]:
    """What a model leaves open (`object`), by what stands beside it."""
    if model is dashboard.DataTransformerConfig:
        return {"options": Field(TRANSFORMATIONS.get(value.get("id", ""), typing.Never), True)}
    if model is dashboard.VariableModel and value.get("type") == "query":
        return {"query": Field(VARIABLE_QUERY, True)}
    if model is dashboard.Panel:
        options, custom = PANELS.get(value.get("type", ""), (typing.Never, None))
        return {"options": Field(options, True), "fieldConfig": Field(_FieldConfig(custom), True)}
    return {}


class _FieldConfig(typing.NamedTuple):
    """The settings of a panel's fields, with those of its plugin in them."""

    custom: type | None


def _keys(fields: Mapping[str, Field], value: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}: nobody knows {key}" for key in value.keys() - fields.keys())
    for key, field in fields.items():
        if key in value:
            yield from _of(field.type, value[key], f"{at}.{key}")
        elif field.required:
            yield f"{at}: {key} is missing"


def _field_config(custom: type | None, value: Mapping[str, Any], at: str) -> Iterator[str]:
    """Defaults, and overrides by the names of the same settings."""
    own = {"custom": Field(custom or typing.Never, False)}
    known = {**_fields(dashboard.FieldConfig), "unit": Field(UNITS, False), **own}
    yield from _keys(
        {"defaults": Field(known, True), "overrides": Field(list[dashboard.DashboardFieldConfigSourceOverrides], True)},
        value, at,
    )  # fmt: skip
    inner = {f"custom.{key}": field for key, field in _fields(custom).items()} if custom else {}
    for override in value.get("overrides", ()):
        for each in override["properties"]:
            field = {**known, **inner}.get(each["id"], Field(typing.Never, True))
            yield from _of(field.type, each["value"], f"{at}.overrides.{each['id']}")


def _override(value: Mapping[str, Any], at: str) -> Iterator[str]:
    """Its value is looked at with the panel, which knows the settings."""
    yield from _keys({"id": Field(str, True), "value": Field(object, True)}, value, at)


def _of(hint: Any, value: Any, at: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, Mapping):
        yield from _keys({k: f if isinstance(f, Field) else Field(f, True) for k, f in hint.items()}, value, at)
    elif isinstance(hint, frozenset):
        if value not in hint:
            yield f"{at}: {value!r} is none of {sorted(hint)}"
    elif hint is typing.Never:
        yield f"{at}: nobody knows what that is"
    elif isinstance(hint, _FieldConfig):
        yield from _field_config(hint.custom, value, at)
    elif origin in (typing.Union, types.UnionType):
        wrong = [list(_of(each, value, at)) for each in arguments]
        if all(wrong):
            yield from min(wrong, key=len)
    elif origin is list:
        yield from _of_list(arguments[0], value, at)
    elif origin is dict:
        yield from _of_dict(arguments[1], value, at)
    elif origin is typing.Literal:
        if value not in arguments:
            yield f"{at}: {value!r} is none of {arguments}"
    elif hint is variants.Dataquery:
        yield from _of_model(prometheus.Dataquery, value, at)
    elif inspect.isclass(hint) and issubclass(hint, enum.Enum):
        if value not in [each.value for each in hint]:
            yield f"{at}: {value!r} is no {hint.__name__}"
    elif hasattr(hint, "to_json"):
        yield from _of_model(hint, value, at)
    elif not _is(hint, value):
        yield f"{at}: {value!r} is no {getattr(hint, '__name__', hint)}"


def _of_list(of: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: {value!r} is no list"
        return
    for n, each in enumerate(value):
        yield from _of(of, each, f"{at}[{n}]")


def _of_dict(of: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {value!r} has no keys"
        return
    for key, each in value.items():
        yield from _of(of, each, f"{at}.{key}")


def _is(hint: Any, value: Any) -> bool:
    """Whether a plain value is of a plain type; a truth value is no number."""
    if hint is object or hint is Any:
        return True
    if hint in (int, float):
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    return inspect.isclass(hint) and isinstance(value, hint)
