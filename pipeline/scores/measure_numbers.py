"""The numbers of measures in stored panes: a pane of a day that is over takes a quarter of the bytes with them.

A new measure is added at the end with the next number. No number is used twice, and none changes its meaning: a state
that holds other ones is refused (`pipeline/deployment_fingerprint.py`). What stands for a stage or a bucket of a sketch
has no number and is stored by its name.
"""

from collections.abc import Mapping

from pipeline import measures as m

MEASURES = "measures"
"""What the table is called in the fingerprint of a state that has panes."""

NUMBERED = (
    m.CALLS, m.DIALS, m.CONNECTED, m.CONNECTED_DIALS, m.TALK_MS, m.TALK_LEGS, m.OFFERED, m.ANSWERED, m.ABANDONED,
    m.ANSWERED_UNTIMED, m.ANSWER_WAIT_MS, m.ANSWERED_IN_20S, m.NEGATIVE_TALK, m.EMAILS, m.EMAILS_BULK, m.MEETINGS_SET,
    m.MEETINGS_HELD, m.MEETINGS_MISSED, m.ACTIVITIES, m.LEADS_CREATED, m.LEADS_WORKED, m.DEALS_CREATED,
    m.DEALS_CREATED_MINOR, m.DEALS_CREATED_WITHOUT_AMOUNT, m.DEALS_CREATED_UNCONVERTED, m.DEALS_CREATED_NOW_MINOR,
    m.DEALS_CREATED_NOW_WITHOUT_AMOUNT, m.DEALS_CREATED_NOW_UNCONVERTED, m.WON, m.LOST, m.WON_MINOR,
    m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED, m.LOST_MINOR, m.LOST_WITHOUT_AMOUNT, m.LOST_UNCONVERTED, m.WON_CYCLES,
    m.WON_CYCLE_DAYS, m.LOST_CYCLES, m.LOST_CYCLE_DAYS, m.NEGATIVE_CYCLES, m.REOPENED, m.UNCONVERTED, m.NEW_CUSTOMERS,
    m.COST_MINOR, m.OPEN_DEALS, m.OPEN_MINOR, m.OPEN_WITHOUT_AMOUNT, m.OPEN_UNCONVERTED, m.OPEN_QUALIFIED,
    m.OPEN_QUALIFIED_MINOR, m.OPEN_QUALIFIED_WITHOUT_AMOUNT, m.OPEN_QUALIFIED_UNCONVERTED, m.UNKNOWN_STAGES,
    m.LEADS_WAITING, m.HOLD_MS, m.WRAPPED_UP, m.WRAP_UP_MS, m.CONVERSATIONS, m.CONVERSATIONS_UNTIMED, m.MISSED,
    m.HUNG_UP_RINGING,
    m.PIPELINE_NEW_MINOR, m.PIPELINE_WON_MINOR, m.PIPELINE_LOST_MINOR, m.PIPELINE_INCREASED_MINOR,
    m.PIPELINE_DECREASED_MINOR, m.PIPELINE_REOPENED_MINOR, m.PIPELINE_REASSIGNED_MINOR, m.PIPELINE_DELETED_MINOR,
    m.PIPELINE_MERGED_MINOR, m.PIPELINE_CHANGES, m.PIPELINE_CHANGES_WITHOUT_AMOUNT, m.PIPELINE_CHANGES_UNCONVERTED,
    m.DEALS_PULLED, m.DEALS_PULLED_MINOR, m.DEALS_PULLED_WITHOUT_AMOUNT, m.DEALS_PULLED_UNCONVERTED, m.DEALS_PUSHED,
    m.DEALS_PUSHED_MINOR, m.DEALS_PUSHED_WITHOUT_AMOUNT, m.DEALS_PUSHED_UNCONVERTED,
)  # fmt: skip
"""In the order of their numbers, which begin at 0."""
NUMBERS: Mapping[str, int] = {measure: number for number, measure in enumerate(NUMBERED)}
