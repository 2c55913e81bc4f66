"""Open deals as facts tell them by a local day."""


def on_days(stem: str, *days: int) -> dict[str, int]:
    """A deal of 500 for each of these days, the last of them without an amount."""
    *valued, last = days
    found = {"open_deals": len(days)}
    for day in valued:
        found |= {f"{stem}:{day}": 1, f"{stem}_minor:{day}": 500}
    return found | {f"{stem}:{last}": 1, f"{stem}_without_amount:{last}": 1}
