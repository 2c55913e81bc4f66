"""A figure: KPIs of one scope in one window, with what a reader needs to judge them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import msgspec

from pipeline.organisation.attendance import Attendance
from pipeline.organisation.minor_units import minor_digits
from pipeline.scores.kpi import Values
from pipeline.scores.ranks import Ranks

State = Literal["provisional", "final", "restated"]
NO_TEXTS: Mapping[str, str] = {}
_json = msgspec.json.Encoder().encode
_values = msgspec.json.Decoder(Values).decode


class Figure(msgspec.Struct, frozen=True, gc=False):
    """What is published, absolute: KPIs of `scope` in the window `window` (its id) of kind `kind`.

    `start_ms` is the first instant of the window and `end_ms` the first one after it; `as_of_ms` is now at the
    position taken. `version` is `(generation, offset)`: that position in the facts or parts partition, so of two
    figures of one scope and window the higher version is the later one. `current` tells that now lay in the window
    then. `gone` figures have no KPIs: readers forget the scope's window. Money is in minor units of `currency`.
    `definition` is the version of the definition that KPIs follow (`pipeline/scores/definition.py`).

    `activities_fixed` tells that the window begins before the time that activities are remembered from: those of before
    stay where they are, whatever becomes of reps and teams.

    `attendance` tells whether the rep that it is of is at work today, in a current window of days.

    `families` holds the KPIs as JSON by family, without braces around them; `fresh` names the families that changed
    since the window was taken before. A figure that is not `whole` holds those only. `ranks` are what a rep is ranked
    by in a current window; None says nothing about it, as of a window that is over.
    """

    home: str
    scope: str
    kind: str
    window: str
    start_ms: int
    end_ms: int
    state: State
    current: bool
    as_of_ms: int
    version: tuple[int, int]
    currency: str
    definition: str
    families: Mapping[str, str]
    fresh: tuple[str, ...]
    whole: bool = True
    ranks: Ranks | None = None
    gone: bool = False
    activities_fixed: bool = False
    attendance: Attendance | None = None

    def after(self, earlier: "Figure") -> "Figure":
        """This figure, as the only one to be published of it and an earlier one that was not: both's families.

        What this one does not hold has not changed since the earlier one was taken.
        """
        families = self.families if self.whole else {**earlier.families, **self.families}
        fresh = tuple(dict.fromkeys((*earlier.fresh, *self.fresh)))
        ranks = earlier.ranks if self.current and self.ranks is None else self.ranks
        whole = self.whole or earlier.whole
        return msgspec.structs.replace(self, families=families, fresh=fresh, whole=whole, ranks=ranks)

    @property
    def kpis(self) -> Values:
        """The KPIs by name."""
        return _values(f"{{{','.join(self.families.values())}}}")


def record(figure: Figure, nothing: Mapping[str, str] = NO_TEXTS) -> bytes:
    """A whole figure as it is published (schemas/kpis.py describes it); instants are epoch milliseconds UTC.

    Families whose text says that `nothing` happened are named instead of spelled out.
    """
    told: list[str] = []
    silent: list[str] = []
    for family, text in figure.families.items():
        if text == nothing.get(family):
            silent.append(family)
        else:
            told.append(text)
    generation, offset = figure.version
    head = (
        f'{{"kind":"figure","scope":{quoted(figure.scope)},"home":{quoted(figure.home)},"window":'
        f'{{"id":"{figure.window}","kind":"{figure.kind}","start_ms":{figure.start_ms},"end_ms":{figure.end_ms}}}'
        f',"state":"{figure.state}","activities_fixed":{_flag(figure.activities_fixed)}'
        f',"current":{_flag(figure.current)},"as_of_ms":{figure.as_of_ms},"version":[{generation},{offset}]'
        f',"currency":{quoted(figure.currency)},"currency_digits":{minor_digits(figure.currency)}'
        f',"definition":"{figure.definition}"'
    )
    attendance = "" if figure.attendance is None else f',"attendance":{_json(figure.attendance).decode()}'
    return f'{head}{attendance},"nothing":{_json(silent).decode()},"kpis":{{{",".join(told)}}}}}'.encode()


@lru_cache(maxsize=65_536)
def quoted(text: str) -> str:
    """A text as JSON: scopes, homes and the like repeat with every figure."""
    return _json(text).decode()


def _flag(is_so: bool) -> str:
    return "true" if is_so else "false"
