"""What the audit works out from the logs of a floor."""

from tests.findings.floor import Floor
from tests.unit.audit.logs_of import audited


def audited_measures(floor: Floor, *names: str) -> dict[tuple[str, str, str], int]:
    """The sums of some measures over all days by team and rep, without zeros, as `Floor.measures` gives them."""
    with audited(floor.world) as database:
        rows = database.rows("SELECT team, rep, measure, sum(amount)::BIGINT FROM cell GROUP BY ALL")
    return {(team, rep, measure): amount for team, rep, measure, amount in rows if measure in names and amount}


def audited_days(floor: Floor, measure: str) -> dict[int, int]:
    """The sums of one measure by local day, as ordinals."""
    with audited(floor.world) as database:
        rows = database.rows("SELECT day, measure, sum(amount)::BIGINT FROM cell GROUP BY ALL")
    return {day: amount for day, name, amount in rows if name == measure and amount}
