"""How a window that is over is kept in Redis: one short text, which a legend turns into its KPIs again.

The text is a JSON list: `as_of`, `start`, `state`, 1 where activities are fixed or else 0, generation and offset of the
version, `currency`, `definition`, and an object of the families of KPIs that there are. A family is 0 where all of its
KPIs say nothing happened, or else a list of them in the legend's order (by name where they are others): 0 where one
says so, a number for its value alone, two numbers for numerator and denominator (the value is their quotient, `n` the
latter), or the KPI as it is.

The legend of a definition holds by family each KPI's name and what it says where nothing happened: of reps, and of all
others.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import Figure

Kpi = dict[str, Any]
Family = dict[str, Kpi]
"""By name: what each KPI of a family says where nothing happened."""
OF_REPS, OF_OTHERS = "reps", "others"
Legend = dict[str, dict[str, Family]]
"""By whom it is of, `reps` or `others`: the families."""
_encode = msgspec.json.Encoder().encode
_decode_family = msgspec.json.Decoder(Family).decode
_decode_legend = msgspec.json.Decoder(Legend).decode
_decode = msgspec.json.Decoder(tuple[int, int, str, int, int, int, str, str, dict[str, Any]]).decode


class NoLegendError(ValueError):
    """Raised for a window of a definition whose legend is not there: Redis has lost it, and gets it again."""


class PastWindow(NamedTuple):
    """A window that is over, as it is kept."""

    as_of_ms: int
    start_ms: int
    state: str
    activities_fixed: bool
    version: tuple[int, int]
    currency: str
    definition: str
    families: Mapping[str, Family]

    @property
    def kpis(self) -> Family:
        """All KPIs, by name."""
        return {name: kpi for family in self.families.values() for name, kpi in family.items()}


def whose(scope: str) -> str:
    """Which part of a legend is of a scope."""
    return OF_REPS if scope.startswith("rep:") else OF_OTHERS


def pack(figure: Figure) -> str:
    """The text of a whole figure of a window that is over."""
    nothing, texts = _nothing(whose(figure.scope)), _texts(whose(figure.scope))
    families = {
        family: 0 if text == texts.get(family) else _packed(_decode_family(f"{{{text}}}"), nothing.get(family, {}))
        for family, text in figure.families.items()
    }
    head = (figure.as_of_ms, figure.start_ms, figure.state, int(figure.activities_fixed), *figure.version)
    return _encode((*head, figure.currency, figure.definition, families)).decode()


def unpack(text: str, scope: str, legends: Mapping[str, Legend]) -> PastWindow:
    """The window that a text is of, by the legends of all definitions; ValueError for what is none."""
    try:
        as_of_ms, start_ms, state, fixed, generation, offset, currency, definition, families = _decode(text)
        if definition not in legends:
            raise NoLegendError(f"no legend of {definition}")
        legend = legends[definition][whose(scope)]
        found = {family: _unpacked(packed, legend.get(family, {})) for family, packed in families.items()}
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise ValueError(f"no window that is over: {text[:80]}") from error
    version = (generation, offset)
    return PastWindow(as_of_ms, start_ms, state, bool(fixed), version, currency, definition, found)


@lru_cache(maxsize=1)
def legend() -> str:
    """That of the definition whose figures are published, as it lies in Redis."""
    return _encode({part: _nothing(part) for part in (OF_REPS, OF_OTHERS)}).decode()


def read_legends(held: Mapping[str, str]) -> dict[str, Legend]:
    """The legends in Redis, by definition; ValueError for what is none."""
    return {definition: _decode_legend(text) for definition, text in held.items()}


def _packed(kpis: Family, nothing: Family) -> list[Any] | dict[str, Any]:
    packed = {name: _packed_kpi(kpi, nothing.get(name)) for name, kpi in kpis.items()}
    return list(packed.values()) if list(packed) == list(nothing) else packed


def _packed_kpi(kpi: Kpi, nothing: Kpi | None) -> Any:
    if kpi == nothing:
        return 0
    value = kpi["value"]
    if kpi.keys() == {"value"} and value:
        return value
    if kpi.keys() == {"value", "numerator", "denominator", "n"}:
        numerator, denominator = kpi["numerator"], kpi["denominator"]
        if denominator and kpi["n"] == denominator and numerator is not None and value == numerator / denominator:
            return [numerator, denominator]
    return kpi


def _unpacked(packed: Any, nothing: Family) -> Family:
    if packed == 0:
        return nothing
    named = packed.items() if isinstance(packed, dict) else zip(nothing, packed, strict=True)
    return {name: _unpacked_kpi(each, nothing.get(name)) for name, each in named}


def _unpacked_kpi(packed: Any, nothing: Kpi | None) -> Kpi:
    if packed == 0 and nothing is not None:
        return nothing
    if isinstance(packed, list):
        numerator, denominator = packed
        return {"value": numerator / denominator, "numerator": numerator, "denominator": denominator, "n": denominator}
    return packed if isinstance(packed, dict) else {"value": packed}


@lru_cache(maxsize=2)
def _texts(part: str) -> Mapping[str, str]:
    """The text of each family in a window that is over, where nothing happened."""
    return DEFINITION.texts.nothing("day", rep=part == OF_REPS)


@lru_cache(maxsize=2)
def _nothing(part: str) -> dict[str, Family]:
    return {family: _decode_family(f"{{{text}}}") for family, text in _texts(part).items()}
