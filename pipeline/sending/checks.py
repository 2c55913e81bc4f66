"""Events checked before they are sent: what the pipeline would refuse is told to whoever sends it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from pipeline.intake.verdicts import judges
from pipeline.kinds.kind import Retention
from pipeline.sending.event import Outgoing
from schemas.events import CHANGES, TOPICS


class RefusedError(ValueError):
    """Raised for an event that the pipeline would refuse: the reason of its dead letter, and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Checks:
    """The verdicts of all source topics, as a deployment with these settings gives them."""

    def __init__(self, retention: Retention, future_tolerance_ms: int) -> None:
        self._judges = judges(retention, future_tolerance_ms)

    def check(self, outgoing: Outgoing, now_ms: int) -> None:
        """RefusedError for an event in structured mode that would be refused if it were appended now."""
        try:
            value = outgoing.value
        except (ValueError, TypeError, RecursionError):
            raise RefusedError("invalid_json", "not JSON: holds what JSON in UTF-8 cannot say") from None
        domain = str(outgoing.event.get("type")).partition(".")[0]
        judge = self._judges.get(domain)
        if judge is None:
            raise RefusedError("unknown_type", f"type: allowed begin with {', '.join(f'{each}.' for each in TOPICS)}")
        refused = judge.refusal(value, now_ms)
        if refused is not None:
            raise RefusedError(refused.reason, refused.detail)


def passed_over(event: Mapping[str, Any]) -> list[str]:
    """The fields of an event's data that no model has, so that the pipeline passes over them: a line each.

    A newer deployment may know them; more often one is misspelt.
    """
    domain, _, rest = str(event.get("type")).partition(".")
    kind, _, verb = rest.partition(".")
    model = CHANGES.get(domain, {}).get(kind)
    return list(_unknown(model, event.get("data"), "data")) if model is not None and verb == "changed" else []


def _unknown(model: type[BaseModel], given: Any, path: str) -> Iterator[str]:
    if not isinstance(given, Mapping):
        return
    for name, value in given.items():
        field = model.model_fields.get(name)
        if field is None:
            likely = get_close_matches(name, model.model_fields, n=1)
            yield f"{path}.{name}: no such field" + (f"; likely {likely[0]}" if likely else "")
            continue
        for within in _models_in(field.annotation):
            for number, each in enumerate(value if isinstance(value, list) else [value]):
                yield from _unknown(within, each, f"{path}.{name}" + (f".{number}" if isinstance(value, list) else ""))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
