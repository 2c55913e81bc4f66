"""Why an event is refused, in words: the field, and what is allowed there. What the event holds is never repeated."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, get_args

from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from pipeline.intake.shapes import shape_of
from pipeline.intake.zone_names import likely_zone
from schemas.dead_letters import Reason
from schemas.events import MODELS, TOPICS
from schemas.ids import ALLOWED
from schemas.types import DAY, MOMENT

ZONE = "allowed is an IANA name, such as Europe/Amsterdam"
HOURS = 'allowed is a list of hours, such as [["09:00", "17:00"]]'
PATTERNS = {
    r"^[A-Za-z0-9_.-]{1,64}$": "allowed are 1 to 64 letters of ASCII, digits, '_', '.' and '-'",
    r"^[A-Z]{3}$": "allowed is an ISO 4217 code in capitals, such as EUR",
    r"^[A-Z]{2}$": "allowed is an ISO 3166 code in capitals, such as NL",
    r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$": "allowed is an ISO 3166 code in capitals, such as NL or DE-BY",
    r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$": "allowed is a time of day, such as 09:00",
    r"^[A-Za-z0-9_+/-]{1,64}$": ZONE,
    r"^[^\x00-\x1f\x7f-\x9f]{1,100}$": "allowed is a text of 1 to 100 characters in one line",
    r"^[^\x00-\x1f\x7f-\x9f]{1,200}$": "allowed is a text of 1 to 200 characters in one line",
    r"^https://[!-~]{1,500}$": "allowed is an address that begins with https://",
    r"^\d{1,12}(\.\d{1,12})?$": "allowed is a decimal number as text, such as 0.92",
}
"""What each pattern of the schemas allows."""
KINDS_OF_VALUE = {
    "string": f"allowed is {ALLOWED}",
    "int": "allowed is a whole number",
    "float": "allowed is a number",
    "finite": "allowed is a number",
    "bool": "allowed is true or false",
    "date": DAY,
    "datetime": MOMENT,
    "timezone": MOMENT,
    "list": "allowed is a list",
    "tuple": "allowed is a list of two",
    "dict": "allowed is an object",
    "model": "allowed is an object",
}
"""What is allowed where a value is of another kind, by the first word of the error's type."""
LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda found: f"allowed is {found['ge']} or more",
    "less_than_equal": lambda found: f"allowed is {found['le']} or less",
    "literal_error": lambda found: f"allowed is {found['expected']}",
    "string_too_long": lambda found: f"allowed are {found['max_length']} characters at most",
    "string_too_short": lambda found: f"allowed are {found['min_length']} characters at least",
    "too_long": lambda found: f"allowed are {found['max_length']} entries at most",
    "too_short": lambda found: f"allowed are {found['min_length']} entries at least",
    "string_pattern_mismatch": lambda found: PATTERNS[found["pattern"]],
}
"""What is allowed by what an error says of a limit."""


def cause(error: ValidationError, value: bytes, domain: str) -> tuple[Reason, str]:
    """The reason and the detail of a refusal, from what the schemas of a domain say of a record's value."""
    first = error.errors(include_url=False, include_input=True)[0]
    if first["type"] == "json_invalid":
        return "invalid_json", f"not JSON: {shape_of(value) or first['ctx']['error']}"
    if first["type"] == "union_tag_invalid":
        return "unknown_type", _unknown_type(str(first["ctx"]["tag"]), domain)
    if first["type"] == "union_tag_not_found" or not _path(first):
        return "invalid_event", f"event: {shape_of(value) or 'type is missing'}"
    return "invalid_event", f"{_path(first)}: {_words(first)}"


def _path(first: ErrorDetails) -> str:
    """Where the mistake is: `data.calendar.monday.0`."""
    return ".".join(str(step) for step in first["loc"] if step not in MODELS and not str(step).startswith("function-"))


def _words(first: ErrorDetails) -> str:
    kind, context, field = first["type"], first.get("ctx", {}), first["loc"][-1]
    if field == "time_zone":
        return _zone(first["input"])
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return str(context["error"])
    return LIMITS[kind](context) if kind in LIMITS else _of_another_kind(first)


def _of_another_kind(first: ErrorDetails) -> str:
    kind = first["type"]
    if kind == "string_type" and (pattern := _pattern_at(first)):
        return PATTERNS[pattern]
    if kind in ("list_type", "tuple_type") and "calendar" in first["loc"]:
        return HOURS
    return KINDS_OF_VALUE.get(kind.partition("_")[0], first["msg"])


def _pattern_at(first: ErrorDetails) -> str | None:
    """What the schema allows of the text where the mistake is; None where it is no text of a pattern."""
    hint: Any = MODELS.get(str(first["loc"][0]))
    for step in first["loc"][1:]:
        models = list(_parts(hint, lambda part: isinstance(part, type) and issubclass(part, BaseModel)))
        if isinstance(step, int) or not models or step not in models[0].model_fields:
            continue
        field = models[0].model_fields[step]
        hint = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    found = _parts(hint, lambda part: isinstance(part, StringConstraints) and part.pattern in PATTERNS)
    return next((str(part.pattern) for part in found), None)


def _parts(hint: Any, fits: Callable[[Any], bool]) -> Iterator[Any]:
    if fits(hint):
        yield hint
    for part in get_args(hint):
        yield from _parts(part, fits)


def _zone(given: object) -> str:
    likely = likely_zone(given) if isinstance(given, str) else None
    return f"{ZONE}; likely {likely}" if likely else ZONE


def _unknown_type(given: str, domain: str) -> str:
    if given in MODELS:
        return f"type: belongs to the topic {TOPICS[given.partition('.')[0]]}"
    known = [name for name in MODELS if name.startswith(f"{domain}.")]
    likely = get_close_matches(given, known, n=1)
    return f"type: unknown here; likely {likely[0]}" if likely else f"type: unknown here; such as {known[0]}"
