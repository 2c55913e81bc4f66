"""Identities: which rep is meant by an id that a system names, and when."""

from typing import Any

from pipeline.organisation.effective import Memberships

Record = dict[str, Any]
_EVER = -1


class Identities:
    """Whom the ids of other systems name. Of several at a time one holds, by the rule of memberships.

    An id that is nobody's identity at an instant is a rep's own. Whom an identity names is a rep: identities do not
    chain.
    """

    def __init__(self, below: "Identities | None" = None) -> None:
        self._held: Memberships = Memberships() if below is None else below._held.over()
        """An id belongs to reps as a rep does to teams."""
        self.told: int = 0 if below is None else below.told
        """How many there are: where there are none, nobody has to ask whom an id means."""

    def over(self) -> "Identities":
        """Identities that begin as these are, and change without them; these stay as they are meanwhile."""
        return Identities(self)

    def put(self, name: str, old: Record | None, record: Record | None) -> None:
        """Replace one identity."""
        self.told += (record is not None) - (old is not None)
        self._held.put(name, _as_held(old), _as_held(record))

    def rep_of(self, named: str, at_ms: int) -> str:
        """The rep whom an id means at an instant."""
        return (self._held.team_of(named, at_ms) if self._held.knows(named) else None) or named

    def span_of(self, named: str, at_ms: int) -> tuple[int, int | None, str]:
        """From when on and until when (None: for ever) an id surely means the same rep, and that rep."""
        if not self._held.knows(named):
            return _EVER, None, named
        begin, end, rep = self._held.span_of(named, at_ms)
        return begin, end, rep or named

    def reps_of(self, named: str) -> set[str]:
        """Everybody whom an id means at some time, itself among them."""
        return {named, *self._held.ever_of(named)}

    def ids_of(self, rep: str) -> set[str]:
        """The ids that mean a rep at some time, but for the rep's own."""
        return self._held.ever_in(rep)


def _as_held(record: Record | None) -> Record | None:
    if record is None:
        return None
    bounds = {bound: record.get(bound) for bound in ("valid_from", "valid_to")}
    return {"rep_id": record.get("external_id"), "team_id": record.get("rep_id"), **bounds}
