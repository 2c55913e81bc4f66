"""Teams, reps and stages that an import names, held against those that somebody declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.importing.declared import Declared
from pipeline.importing.findings import Finding, Weight
from pipeline.importing.listing import listed
from pipeline.organisation.processes import DEFAULT_PROCESS

PEOPLE = (("owner_id", "rep"), ("rep_id", "rep"), ("team_id", "team"), ("parent_id", "team"))


class Names:
    """Teams, reps and stages that events name, and those that the import declares itself."""

    def __init__(self) -> None:
        self.declared = Declared()
        self._named: set[tuple[str, str]] = set()

    def take(self, event: Mapping[str, Any]) -> None:
        """Called with every event."""
        if event["type"].startswith("org."):
            self.declared.take(event)
        data = event["data"]
        self._take_people(data)
        for part in (*(data.get("legs") or ()), *(data.get("split") or ())):
            self._take_people(part)
        if event["type"] == "crm.deal.changed" and isinstance(stage := data.get("stage_id"), str):
            self._named.add(("stage", f"{data.get('process_id') or DEFAULT_PROCESS}:{stage}"))

    def add(self, other: "Names") -> None:
        """Take in what other events named."""
        self.declared.add(other.declared)
        self._named.update(other._named)

    def _take_people(self, said: Mapping[str, Any]) -> None:
        for field, kind in PEOPLE:
            name = said.get(field)
            if name is not None:
                self._named.add((kind, name))

    def undeclared(self, known: Declared) -> Iterator[Finding]:
        """What nobody declares, neither the deployment nor the import."""
        teams, reps = known.teams | self.declared.teams, known.reps | self.declared.reps
        stages = {f"{process}:{stage}" for process, stage in known.stages | self.declared.stages}
        cures = {
            "rep": "they count for nobody until they are declared",
            "team": "what is theirs counts for no team until they are declared",
            "stage": "deals in them are neither won nor lost until the process declares them",
        }
        for kind, declared in (("rep", reps), ("team", teams), ("stage", stages)):
            missing = sorted(name for what, name in self._named if what == kind and name not in declared)
            if missing:
                shown = [name.removeprefix(f"{DEFAULT_PROCESS}:") for name in missing]
                line = f"{kind}s that nobody declares: {len(missing):,} ({listed(shown)}); {cures[kind]}"
                yield Finding(f"undeclared_{kind}s", len(missing), line, Weight.DOUBT)
