"""What a scrape tells of goals, as the audit reads it."""

from pipeline.audit.cut import Cut
from pipeline.audit.picture import Place, leaves
from pipeline.audit.scrape_picture import scrape_picture

AT = 'namespace="acme",team="team:north",window="month"'
SCRAPE = f"""
salespulse_now_timestamp_seconds{{namespace="acme",stage="scoreboard",partition="0"}} 1000
salespulse_cut_offset{{namespace="acme",stage="scoreboard",partition="0"}} 7
salespulse_goal_attainment_ratio{{{AT},kpi="bookings"}} 0.25
salespulse_goal_target{{{AT},kpi="bookings",currency="EUR"}} 1000.5
salespulse_goal_projection{{{AT},kpi="bookings",currency="EUR"}} 900
salespulse_goal_target{{{AT},kpi="won"}} 12
"""


def _cut(place: Place, offset: int, now_ms: int) -> Cut:
    return Cut(*place, offset, now_ms, (1, offset), {})


def test_goals_are_read_of_the_scope_and_window_that_they_are_of() -> None:
    """In minor units, at the place where the topics have them."""
    picture = scrape_picture("http://worker/metrics", SCRAPE, "acme", lambda _: 0, _cut)

    (figure,) = picture.figures
    assert (figure.scope, figure.window) == ("team:north", "month")
    found = {(kpi, path): number for kpi, told in figure.kpis.items() for _, path, number in leaves(kpi, told)}
    assert found == {
        ("goal_attainment", "goals.bookings.value"): 0.25,
        ("goal_attainment", "goals.bookings.denominator"): 100_050,
        ("goal_pace", "goals.bookings.projection"): 90_000,
        ("goal_attainment", "goals.won.denominator"): 12,
    }
