"""What applying a file would do, in words: what is told of each object, and which figures are told anew by it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pipeline.administering.export import day_of, fields_of
from pipeline.administering.org_file import Fault, OrgFile
from pipeline.administering.plan import ENDED_BY, Plan, Step, plan
from pipeline.administering.restated import Restated, restated, shortened_to, summed_up
from pipeline.administering.sections import NAMED_BY
from pipeline.administering.standing import hours
from pipeline.administering.topic import Told
from pipeline.importing.listing import listed
from pipeline.measures import COMPANY
from pipeline.organisation.organisation import Organisation, Record
from pipeline.scores.kpis import BY_NAME

SIGNS = {"added": "+", "changed": "~", "ended": "-"}
NOTHING = "none"
MOST_NAMED, MOST_LINES = 12, 12
UNKNOWN = "is in neither the file nor the deployment"


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days of figures there are, and for how many of them activities may move."""

    pane_days: int
    activity_days: int


def _whose(said: Mapping[str, Any], otherwise: str) -> str:
    return f"team {said['team_id']}" if "team_id" in said else otherwise


CALLED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "membership": lambda said: (
        f"membership of {said.get('rep_id')} in {said.get('team_id')}{_from(said.get('valid_from'))}"
    ),
    "identity": lambda said: f"{said.get('external_id')} as {said.get('rep_id')}{_from(said.get('valid_from'))}",
    "special_day": lambda said: f"special day of {_whose(said, 'all teams')} on {said.get('day')}",
    "absence": lambda said: f"absence of {said.get('rep_id')}{_from(said.get('first_day', said.get('starts_at')))}",
    "rate": lambda said: f"rate of {said.get('currency')}{_from(said.get('effective_on'))}",
    "proration": lambda said: f"proration of {_whose(said, COMPANY)}{_from(said.get('effective_on'))}",
    "score": lambda said: (
        f"score of {_whose(said, 'all teams')} by {said.get('period')}{_from(said.get('effective_on'))}"
    ),
    "alert_rule": lambda said: (
        f"alert rule {said.get('rule')} of {_whose(said, 'all teams')}{_from(said.get('valid_from'))}"
    ),
    "benchmark": lambda said: (
        f"industry's figures of {said.get('kpi')} beside {_whose(said, 'all teams')}: {said.get('period')}"
        f"{_from(said.get('effective_on'))}"
    ),
    "recognition": lambda said: f"recognition of {said.get('whose', 'reps')} by {said.get('kpi')}",
    "target": lambda said: (
        f"target of {_whose(said, 'rep ' + str(said.get('rep_id')))}: {said.get('kpi')}, {said.get('period')}"
        f"{_from(said.get('period_start'))}{_holding(said.get('effective_on'))}"
    ),
}
"""By kind: what an object that stands in a list is called, by what it says."""


class Preview:
    """A file beside what the deployment says now."""

    def __init__(self, told: Told, file: OrgFile, currency: str, now_ms: int, kept: Kept, *, end_others: bool) -> None:
        self._told = told
        self.plan: Plan = plan(told, file, now_ms, end_others=end_others)
        self.faults: Sequence[Fault] = self.plan.faults
        before = told.organisation(currency, now_ms)
        after = before.with_records({step.key: step.after for step in self.plan.steps})
        changed = {step.key: (step.before, step.after) for step in self.plan.steps}
        today = after.local_day(COMPANY, now_ms)
        self.restated = shortened_to(restated(before, after, changed), today - kept.pane_days + 1, today)
        self._fixed_day = today - kept.activity_days
        self.warnings = list(_warnings(file, after, told.written))

    def lines(self, *, end_others: bool) -> Iterator[str]:
        """All of it, for people."""
        for step in self.plan.steps:
            yield f"{SIGNS[step.verb]} {self._step(step)}"
        yield from self._others(end_others=end_others)
        if self.plan.steps:
            yield from self._restated()

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "steps": [
                {"object": step.key, "what": step.verb, "before": self._fields(step.key, step.before),
                 "after": self._fields(step.key, step.after), "events": len(step.events)}
                for step in self.plan.steps
            ],
            "not_in_file": self.plan.others,
            "restated": [each.as_json(day_of) for each in self.restated],
            "warnings": self.warnings,
        }  # fmt: skip

    def _fields(self, key: str, record: Record | None) -> dict[str, Any] | None:
        return None if record is None else fields_of(key.partition(":")[0], record, self._told.written)

    def _step(self, step: Step) -> str:
        record = step.after if step.before is None else step.before
        called = self._called(step.key, record or {})
        if step.verb == "ended":
            return f"{called}: {ENDINGS[step.key.partition(':')[0]]}"
        old, new = (self._fields(step.key, each) or {} for each in (step.before, step.after))
        known = NAMED_BY.get(step.key.partition(":")[0], ())
        names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name) and name not in known]
        said = [f"{name}: {_change(old.get(name), new.get(name), added=step.before is None)}" for name in names]
        return called + (f"  {', '.join(said)}" if said else "")

    def _called(self, key: str, record: Record) -> str:
        """An object by what people know it by."""
        kind, _, kept = key.partition(":")
        said = fields_of(kind, record, self._told.written)
        if kind in CALLED:
            return CALLED[kind](said)
        return kind if kind == COMPANY else f"{kind} {self._told.written(kept)}"

    def _others(self, *, end_others: bool) -> Iterator[str]:
        if not self.plan.others:
            return
        records = dict(self._told.records())
        names = listed((self._called(key, records[key]) for key in self.plan.others), MOST_NAMED)
        why = "no section of theirs, or they cannot end" if end_others else "--end-others ends them"
        yield f"  not in the file, left as they are ({why}): {len(self.plan.others)}: {names}"

    def _restated(self) -> Iterator[str]:
        if not self.restated:
            yield "no window that is over is restated"
        summed = len(self.restated) > MOST_LINES
        for each in summed_up(self.restated) if summed else self.restated:
            until = "on" if each.until is None else f"to {day_of(each.until)}"
            some = ", some of these days" if summed else ""
            yield f"restated from {day_of(each.since or 0)} {until}{some}: {each.what} of {self._scopes(each)}"
        first = min((each.since or 0 for each in self.restated), default=self._fixed_day)
        if first < self._fixed_day:
            yield f"  activities of before {day_of(self._fixed_day)} are forgotten and stay where they are"

    def _scopes(self, each: Restated) -> str:
        if not each.scopes:
            return "everybody"
        by: dict[str, list[str]] = {}
        for scope in sorted(each.scopes):
            kind, _, kept = scope.partition(":")
            by.setdefault(kind, []).append(self._told.written(kept))
        said = ["the company"] if COMPANY in by else []
        for kind in ("team", "rep"):
            if kind in by:
                said.append(f"{kind}{'s' if len(by[kind]) > 1 else ''} {listed(by[kind], MOST_NAMED)}")
        if "group" in by:
            said.append(f"{listed(by['group'], MOST_NAMED)} with all teams below")
        return "; ".join(said)


ENDINGS = {
    "team": "ends now; what was before stays",
    "special_day": "is deleted",
    "rep": "active: false; what was before stays",
    "membership": "ends now",
    "identity": "ends now",
    "absence": "is deleted",
    "target": "is deleted",
    "proration": "is deleted",
    "rate": "is deleted",
    "policy": "is deleted",
    "alert_rule": "is deleted",
    "score": "is deleted",
    "contest": "is deleted",
    "recognition": "is deleted",
    "benchmark": "is deleted",
}
assert ENDINGS.keys() == ENDED_BY.keys()


def _from(since: str | None) -> str:
    return "" if since is None else f" from {since}"


def _holding(since: str | None) -> str:
    return "" if since is None else f", holding from {since}"


def _change(old: Any, new: Any, *, added: bool) -> str:
    return _value(new) if added else f"{_value(old)} → {_value(new)}"


def _value(value: Any) -> str:
    """A value in a few words."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return (hours(value) or "no hours") if "id" not in value else _stage(value)
    if isinstance(value, list):
        return " · ".join(_item(each) for each in value) or NOTHING
    return str(value)


def _item(each: Any) -> str:
    if isinstance(each, dict) and "id" not in each:  # of a list of what holds from when on
        *since, said = each.values()
        return _value(said) + (f" from {since[0]}" if since else "")
    return _value(each)


def _stage(stage: dict[str, Any]) -> str:
    more = [stage["kind"]] if "kind" in stage else []
    more += ["qualified"] if stage.get("qualified") else []
    more += [f"was {' '.join(stage['former_ids'])}"] if stage.get("former_ids") else []
    return str(stage["id"]) + (f" ({', '.join(more)})" if more else "")


def _warnings(file: OrgFile, after: Organisation, written: Callable[[str], str]) -> Iterator[str]:
    """What names something that neither the file nor the deployment has: it may be misspelt, or come later."""
    teams = [written(name) for name, _ in after.records("team")]
    for wanted in sorted(file.wanted.values(), key=lambda each: each.line):
        kind, record = wanted.key.partition(":")[0], wanted.record or {}
        team = record.get("parent_id") if kind == "team" else record.get("team_id")
        whole = kind == "target" and team == COMPANY
        if team is not None and not whole and not after.knows_team(team):
            yield f"line {wanted.line}: team {written(team)} {UNKNOWN}{_likely(written(team), teams)}"
        rep = record.get("rep_id") if kind in ("target", "absence", "identity") else None
        if rep is not None and not after.knows_rep(rep):
            yield f"line {wanted.line}: rep {written(rep)} {UNKNOWN}"
        kpi = record.get("kpi")
        if kpi is not None and kpi not in BY_NAME:
            yield f"line {wanted.line}: there is no KPI {kpi}{_likely(kpi, list(BY_NAME))}"


def _likely(given: str, names: Sequence[str]) -> str:
    near = get_close_matches(given, names, n=1)
    return f"; likely {near[0]}" if near else ""
