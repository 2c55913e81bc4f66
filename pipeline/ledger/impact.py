"""The impact of an organisation change: which objects it may restate."""

from pipeline.organisation.organisation import Organisation, Record


def concerned(key: str, old: Record | None, new: Record | None, organisation: Organisation) -> set[str] | None:
    """References of all objects that may count elsewhere or otherwise once `new` takes the place of `old`.

    None: all objects. Asked before the change is put; it may name too many, never too few.
    """
    kind, _, name = key.partition(":")
    if kind == "company":
        return None if _differ(old, new, "time_zone", "currency") else set()
    if kind == "rep":
        return {key} if (old is None) != (new is None) else set()
    if kind == "process":
        return {key} if _differ(old, new, "stages") else set()
    if kind == "team":
        return _team(name, old, new, organisation)
    named = {"membership": ("rep_id", "rep"), "rate": ("currency", "currency")}.get(kind)
    if named is None:
        return set()
    return {f"{named[1]}:{record[named[0]]}" for record in (old, new) if record and record.get(named[0])}


def _differ(old: Record | None, new: Record | None, *fields: str) -> bool:
    return any((old or {}).get(field) != (new or {}).get(field) for field in fields)


def _team(name: str, old: Record | None, new: Record | None, organisation: Organisation) -> set[str]:
    if (old is None) == (new is None) and not _differ(old, new, "time_zones"):
        return set()
    return {f"team:{name}"} | {f"rep:{rep}" for rep in organisation.ever_in(name)}
