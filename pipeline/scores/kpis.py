"""The KPI table: what is measured, how it is defined, and how it follows from measures. A new KPI is one row."""

from collections.abc import Mapping
from typing import Any

from pipeline import measures as m
from pipeline.kinds.observation import (
    CALL_QUALITY_BP,
    CALLS_RATED,
    COACHING_SESSIONS,
    CUSTOMER_RATINGS,
    CUSTOMER_SATISFACTION_BP,
    ONE_TO_ONES,
)
from pipeline.kinds.survey import ENPS_ANSWERS, ENPS_POINTS, SURVEY_ANSWERS, SURVEY_INVITED
from pipeline.scores.activity_score import SCORE
from pipeline.scores.cost_kpis import COST_KPIS
from pipeline.scores.effort_kpis import EFFORT_KPIS
from pipeline.scores.goals import GOALS, REACHED
from pipeline.scores.kpi import PRACTICE, Amounts, Better, Formula, Kpi, Unit, Where
from pipeline.scores.rep_kpis import REP_KPIS
from pipeline.scores.stall import STALL
from pipeline.scores.usual import USUAL


def _count(
    number: int,
    name: str,
    family: str,
    basis: str,
    better: Better,
    description: str,
    source: str,
    measure: str,
    **more: Any,
) -> Kpi:
    numerator = (measure, *more.pop("more", ()))
    return Kpi(
        number, name, family, "count", more.pop("unit", "count"), basis, better, description, source, numerator, **more
    )


def _ratio(
    number: int, name: str, family: str, basis: str, better: Better, description: str, source: str,
    over: tuple[tuple[str, ...], tuple[str, ...]], **more: Any,
) -> Kpi:  # fmt: skip
    formula: Formula = "ratio" if (unit := more.pop("unit", "ratio")) == "ratio" else "mean"
    return Kpi(number, name, family, formula, unit, basis, better, description, source, *over, **more)


def _quantile(
    number: int,
    name: str,
    family: str,
    basis: str,
    better: Better,
    description: str,
    sketch: str,
    unit: Unit,
    **more: Any,
) -> Kpi:
    words, formula = f"{description}, to 1 %", more.pop("formula", "median")
    source = more.pop("source", "ooligo, Atrium")
    return Kpi(number, name, family, formula, unit, basis, better, words, source, (sketch,), **more)


def _moved(name: str, better: Better, description: str, *measures: str, **more: Any) -> Kpi:
    return Kpi(
        24, name, "pipeline_change", "count", more.pop("unit", "minor"), "local day of the change", better, description,
        more.pop("source", "Oracle FAW"), measures, where="days", **more,
    )  # fmt: skip


def _split(number: int, name: str, basis: str, words: str, measure: str, where: Where = "period") -> Kpi:
    description = (
        f"{words}, by a split or as teams share their owner, less what is credited elsewhere of own ones. All counts,"
        " rates, averages and times of a deal are the owner's, whole. It is 0 for what holds all who share"
    )
    return Kpi(
        number, name, "splits", "count", "minor", basis, "neither", description, "Salesforce, HubSpot", (measure,),
        where=where,
    )  # fmt: skip


def _effort(name: str, description: str, spent: str, reached: str, unit: Unit = "count", **more: Any) -> Kpi:
    words = f"{description}: what was done in 90 days over what was reached in them, whichever led to which"
    return Kpi(
        45, name, "effort", "mean", unit, "that of each, over 90 days", "down", words, PRACTICE, (spent,), (reached,),
        where="90d", **more,
    )  # fmt: skip


def _stages(
    number: int, name: str, basis: str, description: str, *families: str, where: Where = "period", version: int = 2,
    unit: Unit = "count",
) -> Kpi:  # fmt: skip
    return Kpi(
        number, name, "funnel", "stages", unit, basis, "up", description, "HubSpot, Oracle FAW", families,
        where=where, version=version,
    )  # fmt: skip


def _detours(name: str, better: Better, description: str, family: str) -> Kpi:
    basis = "stage entered" if family == m.STAGE_SKIPPED else "first such move"
    return Kpi(
        13, name, "stage_detours", "stages", "count", basis, better, description, "HubSpot", (family,), where="days",
        version=2,
    )  # fmt: skip


def _stage_time(name: str, description: str, *families: str) -> Kpi:
    words = (
        f"{description}, by the stage that was left; closed time does not count, and a deal that is opened again in the"
        " stage in which it was closed has not left it"
    )
    return Kpi(
        15, name, "stage_times", "stages", "days", "last exit", "down", words, "HubSpot", families, where="days",
        version=2,
    )  # fmt: skip


HANDLED = (m.TALK_MS, m.HOLD_MS, m.WRAP_UP_MS)
CREATED = Amounts(m.DEALS_CREATED, m.DEALS_CREATED_WITHOUT_AMOUNT, m.DEALS_CREATED_UNCONVERTED)
CREATED_NOW = Amounts(m.DEALS_CREATED, m.DEALS_CREATED_NOW_WITHOUT_AMOUNT, m.DEALS_CREATED_NOW_UNCONVERTED)
WON = Amounts(m.WON, m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED)
WON_SIZED = Amounts(m.WON, m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED, m.WON_ADJUSTMENTS)
LOST = Amounts(m.LOST, m.LOST_WITHOUT_AMOUNT, m.LOST_UNCONVERTED)
OPEN = Amounts(m.OPEN_DEALS, m.OPEN_WITHOUT_AMOUNT, m.OPEN_UNCONVERTED)
MOVED = Amounts(m.PIPELINE_CHANGES, m.PIPELINE_CHANGES_WITHOUT_AMOUNT, m.PIPELINE_CHANGES_UNCONVERTED)
PULLED = Amounts(m.DEALS_PULLED, m.DEALS_PULLED_WITHOUT_AMOUNT, m.DEALS_PULLED_UNCONVERTED)
PUSHED = Amounts(m.DEALS_PUSHED, m.DEALS_PUSHED_WITHOUT_AMOUNT, m.DEALS_PUSHED_UNCONVERTED)
QUALIFIED = Amounts(m.OPEN_QUALIFIED, m.OPEN_QUALIFIED_WITHOUT_AMOUNT, m.OPEN_QUALIFIED_UNCONVERTED)
PAST_CLOSE = Amounts(m.CLOSING, m.CLOSING_WITHOUT_AMOUNT, m.CLOSING_UNCONVERTED)
STALLED = Amounts(m.UNTOUCHED, m.UNTOUCHED_WITHOUT_AMOUNT, m.UNTOUCHED_UNCONVERTED)

KPIS: tuple[Kpi, ...] = (
    _count(1, "calls", "calls", "started", "up", "Calls in and out, each once, internal ones excluded", "Aircall",
           m.CALLS),
    _count(1, "dials", "calls", "started", "up",
           "Outbound call attempts; a logged call stands for as many as it says, for one at least if it connected",
           "Salesloft, Aircall", m.DIALS, version=2),
    _count(6, "connected_calls", "calls", "started", "up", "Calls that a person answered", PRACTICE, m.CONNECTED),
    _ratio(6, "connect_rate", "calls", "started", "up", "Share of dials a person answered", "Uservox",
           ((m.CONNECTED_DIALS,), (m.DIALS,)), version=2),
    _count(7, "conversations_60s", "calls", "started", "up",
           "Dials a person answered with 60 s of talk or more: what is shorter is an opening and a brush-off",
           "Glencoco", m.CONVERSATIONS),
    _ratio(7, "conversation_rate_60s", "calls", "started", "up",
           "Share of dials with 60 s of talk or more; one that was answered is left out as long as its talk time is not"
           " known", "Glencoco", ((m.CONVERSATIONS,), (m.DIALS,)), left_out=(m.CONVERSATIONS_UNTIMED,)),
    _count(35, "talk_time", "calls", "ended", "up", "Time spent talking, hold excluded", PRACTICE, m.TALK_MS,
           unit="seconds", divisor=1000),
    _ratio(8, "avg_talk_time", "calls", "ended", "neither",
           "Talk time of connected calls that ended, per leg whose talk time is known: a transfer begins another leg",
           PRACTICE, ((m.TALK_MS,), (m.TALK_LEGS,)), unit="seconds", divisor=1000, version=2),
    _count(30, "offered", "inbound", "started", "neither", "Inbound calls", "Genesys Cloud", m.OFFERED),
    _count(31, "answered", "inbound", "started", "up", "Inbound calls a rep answered", "Genesys Cloud", m.ANSWERED),
    _count(32, "abandoned", "inbound", "started", "down", "Inbound callers who gave up", "Genesys Cloud", m.ABANDONED),
    _ratio(32, "abandon_rate", "inbound", "started", "down", "Share of inbound calls abandoned", "Genesys Cloud",
           ((m.ABANDONED,), (m.OFFERED,))),
    _ratio(33, "answer_speed", "inbound", "started", "down",
           "Average wait of answered inbound calls whose wait is known (ASA)", "Amazon Connect",
           ((m.ANSWER_WAIT_MS,), (m.ANSWERED,)), unit="seconds", divisor=1000, left_out=(m.ANSWERED_UNTIMED,),
           version=2),
    _ratio(34, "service_level_20s", "inbound", "started", "up",
           "Share of inbound calls answered in 20 s; one that was answered after a wait nobody knows is left out",
           "Amazon Connect", ((m.ANSWERED_IN_20S,), (m.OFFERED,)), left_out=(m.ANSWERED_UNTIMED,), version=2),
    _ratio(34, "service_level_20s_answered", "inbound", "started", "up",
           "Share of answers within 20 s; one after a wait nobody knows is left out", "Aircall",
           ((m.ANSWERED_IN_20S,), (m.ANSWERED,)), left_out=(m.ANSWERED_UNTIMED,), version=2),
    _count(36, "hold_time", "handling", "ended", "down",
           "Time customers were on hold, in connected calls that ended, for the rep who had them", "Amazon Connect",
           m.HOLD_MS, unit="seconds", divisor=1000),
    _ratio(36, "avg_hold_time", "handling", "ended", "down",
           "Hold per handled leg, which is one whose talk time is known; nothing told of a hold is no hold",
           "Amazon Connect",
           ((m.HOLD_MS,), (m.TALK_LEGS,)), unit="seconds", divisor=1000),
    _count(37, "wrap_up_time", "handling", "ended", "neither",
           "Work after handled calls, as far as it is known, at the end of the call and for the rep who had it (ACW)",
           "Amazon Connect", m.WRAP_UP_MS, unit="seconds", divisor=1000),
    _ratio(37, "avg_wrap_up_time", "handling", "ended", "neither",
           "Work after a handled call, per leg whose wrap-up is known (average ACW)", "Amazon Connect",
           ((m.WRAP_UP_MS,), (m.WRAPPED_UP,)), unit="seconds", divisor=1000),
    Kpi(38, "handle_time", "handling", "count", "seconds", "ended", "neither",
        "Talk, hold and wrap-up of handled calls; provisional where wrap-ups are not known yet", "Amazon Connect",
        HANDLED, divisor=1000),
    _ratio(38, "avg_handle_time", "handling", "ended", "neither",
           "Talk, hold and wrap-up per handled leg (AHT); one whose wrap-up is not known yet counts with talk and hold:"
           " wrap_up_known says how many there are", "Amazon Connect", (HANDLED, (m.TALK_LEGS,)), unit="seconds",
           divisor=1000),
    _ratio(38, "wrap_up_known", "handling", "ended", "up",
           "Share of handled legs whose wrap-up is known: below 1 handle time is provisional", PRACTICE,
           ((m.WRAPPED_UP,), (m.TALK_LEGS,))),
    _count(41, "missed_rings", "missed", "started", "down",
           "Times an inbound call rang at a rep who did not answer; not where a colleague picked up or the caller hung"
           " up meanwhile (RONA)", "Amazon Connect", m.MISSED),
    _count(41, "hung_up_ringing", "missed", "started", "down",
           "Times the caller hung up while a rep's phone rang: no miss of the rep", "Amazon Connect",
           m.HUNG_UP_RINGING),
    _ratio(39, "occupancy", "occupancy", "while it lasted", "neither",
           "Share of the time on contact, which is on a call or in the work after it, of all time on contact or"
           " available; a phone that rings is in neither. With what has gone on since it began today; both numbers are"
           " in milliseconds", "Amazon Connect", ((m.CONTACT_MS,), (m.CONTACT_MS, m.AVAILABLE_MS)), where="days"),
    _count(39, "contact_time", "occupancy", "while it lasted", "neither",
           "Time on a call or in the work after it, by what phones were set to, cut at midnight", "Amazon Connect",
           m.CONTACT_MS, unit="seconds", divisor=1000, where="days"),
    _count(39, "available_time", "occupancy", "while it lasted", "neither",
           "Time available, waiting for a call, by what phones were set to, cut at midnight", "Amazon Connect",
           m.AVAILABLE_MS, unit="seconds", divisor=1000, where="days"),
    _count(39, "phones_left_on", "phones_left_on", "began", "down",
           "Times a phone stood available or on contact for more than 24 hours without a word: left so, and no part of"
           " occupancy", PRACTICE, m.PHONES_LEFT_ON, where="days"),
    Kpi(40, "agent_states", "agent_states", "states", "count", "now", "neither",
        "Reps whose phone is not off, and by what it is set to: available, ringing, on_call, wrap_up, and break with"
        " its reason; each with since when, of several reps in the middle", "Amazon Connect",
        (m.AGENTS, m.AGENTS_SINCE_MS), where="now"),
    Kpi(40, "phone_timeline", "timeline", "timeline", "count", "now", "neither",
        "How often a rep's phone was set to something else today, and the day as it went: each state that is no"
        " offline, from when until when, and the one that goes on", PRACTICE,
        (m.AGENTS, m.PHONE_STRETCH, m.PHONE_STRETCHES_BEYOND), where="today"),
    Kpi(40, "callers_waiting", "waiting_callers", "wait", "count", "now", "down",
        "Callers who wait now: inbound calls that the dialer said are queued or ringing, and nothing since;"
        " since_ms is when the one called who has waited longest, so that a reader counts on. Whoever called more than"
        " an hour ago waits no longer: dialers lose the ends of calls", "Amazon Connect", (m.CALLERS_WAITING,),
        where="now", reps=False),
    _count(2, "emails", "emails", "sent", "up", "Outbound emails to one person", "Salesloft", m.EMAILS),
    _count(2, "emails_bulk", "emails", "sent", "neither", "Outbound emails of sequences and campaigns", "Salesloft",
           m.EMAILS_BULK),
    _count(4, "meetings_set", "meetings", "booked", "up", "Meetings booked; moving one is not another", PRACTICE,
           m.MEETINGS_SET),
    _count(5, "meetings_held", "meetings", "meeting start", "up", "Meetings that took place", PRACTICE,
           m.MEETINGS_HELD),
    _ratio(5, "show_rate", "meetings", "meeting start", "up", "Share of due meetings that took place", PRACTICE,
           ((m.MEETINGS_HELD,), (m.MEETINGS_HELD, m.MEETINGS_MISSED))),
    _count(5, "meetings_pending", "meetings", "meeting start", "down",
           "Meetings of which nobody has told yet how they went; of a day that goes on those later today too", PRACTICE,
           m.MEETINGS_PENDING, where="days"),
    _count(3, "activities", "activities", "occurred", "up",
           "Calls (inbound ones if answered), emails to one person, meetings held, visits and other touches, each once;"
           " notes and tasks only from when a policy of the company counts them (counted_activities)",
           "Salesloft, Ambition", m.ACTIVITIES, version=3),
    Kpi(3, "activity_score", SCORE, "score", "ratio", "that of each activity", "up",
        "What activities are worth by the weights of the company or the team (org.score.changed), each up to its cap,"
        " as a share of the target of points; of a team what its reps have together, by their targets together. Of a"
        " rep within a team, and of the team; reps are those who belong to the team when the window ends. Null in"
        " windows for which nobody weighs activities", "Ambition", (SCORE,), where="calendar"),
    _count(11, "leads_created", "leads", "created", "up", "Leads created", PRACTICE, m.LEADS_CREATED),
    _count(11, "leads_worked", "leads", "created", "up",
           "Leads created that were tried at least once since: a touch before the creation is none of it", PRACTICE,
           m.LEADS_WORKED, version=2),
    _ratio(11, "leads_worked_share", "leads", "created", "up", "Share of leads created that were worked since",
           PRACTICE, ((m.LEADS_WORKED,), (m.LEADS_CREATED,)), version=2),
    _count(9, "leads_waiting", "leads", "now", "down", "Open leads nobody has tried since they came in", "Prospeo",
           m.LEADS_WAITING, where="now", version=2),
    Kpi(9, "leads_waiting_oldest", "leads", "age", "days", "now", "down",
        "Local days since the oldest of the waiting leads came in, 0 on the same day; null where none waits", "Prospeo",
        (m.LEADS_WAITING_SINCE,), where="now"),
    _ratio(9, "speed_to_lead", "speed_to_lead", "created", "down",
           "Mean time from the creation of a lead to the first try by a person of ours; over leads that were tried",
           "Prospeo", ((m.LEAD_TRY_MS,), (m.LEADS_WORKED,)), unit="seconds", divisor=1000, where="days"),
    _quantile(9, "speed_to_lead_median", "speed_to_lead", "created", "down",
              "Half of the leads that were tried were tried within this time of their creation", m.LEAD_TRY, "seconds",
              divisor=1000, where="days", source="Prospeo"),
    _quantile(9, "speed_to_lead_p90", "speed_to_lead", "created", "down",
              "Nine in ten of the leads that were tried were tried within this time of their creation", m.LEAD_TRY,
              "seconds", formula="p90", divisor=1000, where="days", source="Prospeo"),
    _ratio(9, "leads_tried_5m", "speed_to_lead", "created", "up",
           "Share of leads created that were tried within 5 minutes; one that nobody has tried yet was not", "Prospeo",
           ((m.LEADS_TRIED_5M,), (m.LEADS_CREATED,)), where="days"),
    _ratio(9, "leads_tried_15m", "speed_to_lead", "created", "up",
           "Share of leads created that were tried within 15 minutes; one that nobody has tried yet was not", "Prospeo",
           ((m.LEADS_TRIED_5M, m.LEADS_TRIED_5_15M), (m.LEADS_CREATED,)), where="days"),
    _ratio(9, "leads_tried_60m", "speed_to_lead", "created", "up",
           "Share of leads created that were tried within an hour; one that nobody has tried yet was not", "Prospeo",
           ((m.LEADS_TRIED_5M, m.LEADS_TRIED_5_15M, m.LEADS_TRIED_15_60M), (m.LEADS_CREATED,)), where="days"),
    _ratio(10, "speed_to_contact", "speed_to_contact", "created", "down",
           "Mean time from the creation of a lead to the first contact of both sides: a call that a person answered,"
           " their email, a visit, a meeting held; over leads with one",
           "Prospeo", ((m.LEAD_CONTACT_MS,), (m.LEADS_CONTACTED,)), unit="seconds", divisor=1000, where="days"),
    _quantile(10, "speed_to_contact_median", "speed_to_contact", "created", "down",
              "Half of the leads with a contact had it within this time of their creation", m.LEAD_CONTACT, "seconds",
              divisor=1000, where="days", source="Prospeo"),
    _quantile(10, "speed_to_contact_p90", "speed_to_contact", "created", "down",
              "Nine in ten of the leads with a contact had it within this time of their creation", m.LEAD_CONTACT,
              "seconds", formula="p90", divisor=1000, where="days", source="Prospeo"),
    _ratio(10, "leads_contacted_5m", "speed_to_contact", "created", "up",
           "Share of leads created with a contact within 5 minutes; one without any yet had none", "Prospeo",
           ((m.LEADS_CONTACTED_5M,), (m.LEADS_CREATED,)), where="days"),
    _ratio(10, "leads_contacted_15m", "speed_to_contact", "created", "up",
           "Share of leads created with a contact within 15 minutes; one without any yet had none", "Prospeo",
           ((m.LEADS_CONTACTED_5M, m.LEADS_CONTACTED_5_15M), (m.LEADS_CREATED,)), where="days"),
    _ratio(10, "leads_contacted_60m", "speed_to_contact", "created", "up",
           "Share of leads created with a contact within an hour; one without any yet had none", "Prospeo",
           ((m.LEADS_CONTACTED_5M, m.LEADS_CONTACTED_5_15M, m.LEADS_CONTACTED_15_60M), (m.LEADS_CREATED,)),
           where="days"),
    _count(12, "deals_created", "deals", "created", "up", "Deals created", "Atrium", m.DEALS_CREATED),
    _count(12, "deals_created_amount", "deals", "created", "up",
           "Amount of the deals created, as it was first told, within a day of the creation; of a deal that is split"
           " then each rep has the share", "Atrium", m.DEALS_CREATED_MINOR, more=(m.DEALS_CREATED_SPLIT_MINOR,),
           unit="minor", amounts=(CREATED,), version=3),
    _count(12, "deals_created_amount_now", "deals", "created", "up",
           "Amount of the deals created as it is now; of lost ones the last above 0; by the split at the creation",
           "Atrium", m.DEALS_CREATED_NOW_MINOR, more=(m.DEALS_CREATED_NOW_SPLIT_MINOR,), unit="minor",
           amounts=(CREATED_NOW,), version=2),
    _count(17, "won", "deals", "closed", "up", "Deals won", "Atrium", m.WON),
    _count(17, "lost", "deals", "closed", "down", "Deals lost", "Atrium", m.LOST),
    _ratio(17, "win_rate", "deals", "closed", "up", "Share of closed deals won", "Salesforce, Oracle",
           ((m.WON,), (m.WON, m.LOST))),
    _ratio(17, "conversion_rate", "deals", "created", "up",
           "Share of the deals created that are won by now, whenever that was; it grows as long as some of them are"
           " open", "Salesforce, Oracle", ((m.DEALS_CREATED_WON,), (m.DEALS_CREATED,))),
    _ratio(18, "win_rate_value", "deals", "closed", "up",
           "Share of the closed amount won; a lost deal has the last amount above 0, in its currency of then, and what"
           " is won below 0 is an adjustment of bookings", PRACTICE,
           ((m.WON_MINOR, m.WON_ADJUSTMENTS_MINOR), (m.WON_MINOR, m.WON_ADJUSTMENTS_MINOR, m.LOST_MINOR)),
           amounts=(WON_SIZED, LOST), version=3),
    _count(20, "bookings", "deals", "closed", "up",
           "Amount won, at the rates of the company's day of the close; of a deal that is split then each rep has the"
           " share", "Atrium", m.WON_MINOR, more=(m.WON_SPLIT_MINOR,), unit="minor", amounts=(WON,), version=3),
    _split(20, "bookings_split", "closed",
           "Part of bookings: what is credited of deals that others won",
           m.WON_SPLIT_MINOR),
    _count(20, "bookings_adjustments", "deals", "closed", "down",
           "What deals won below 0 take from bookings, told above 0: credits and corrections that are booked as deals,"
           " each whole its owner's. They count as won, and in no deal size", "Atrium", m.WON_ADJUSTMENTS_MINOR,
           unit="minor", amounts=(WON,)),
    _ratio(19, "avg_deal_size", "deals", "closed", "up",
           "Amount won per deal won whose amount is known and converted; 0 is an amount, and what is below 0 an"
           " adjustment of bookings", "Gong", ((m.WON_MINOR, m.WON_ADJUSTMENTS_MINOR), (m.WON,)), unit="minor",
           left_out=(m.WON_WITHOUT_AMOUNT, m.WON_UNCONVERTED, m.WON_ADJUSTMENTS), amounts=(WON,), version=3),
    _quantile(19, "median_deal_size", "deals", "closed", "up",
            "Median amount of deals won whose amount is known and converted; 0 is an amount, and what is below 0 an"
            " adjustment of bookings", m.DEAL_SIZE, "minor", amounts=(WON,), version=2),
    _ratio(21, "sales_cycle", "deals", "closed", "down", "Mean days from creation to win", "ooligo, Atrium",
           ((m.WON_CYCLE_DAYS,), (m.WON_CYCLES,)), unit="days"),
    _quantile(21, "sales_cycle_median", "deals", "closed", "down", "Median days from creation to win", m.WON_CYCLE,
            "days"),
    _ratio(21, "lost_cycle", "deals", "closed", "down", "Mean days from creation to loss", "ooligo, Atrium",
           ((m.LOST_CYCLE_DAYS,), (m.LOST_CYCLES,)), unit="days"),
    _quantile(21, "lost_cycle_median", "deals", "closed", "down", "Median days from creation to loss", m.LOST_CYCLE,
            "days"),
    _count(17, "reopened", "deals", "opened again", "down",
           "Times a closed deal was told a stage that its process declares as open", "HubSpot", m.REOPENED, version=2),
    _count(8, "negative_talk", "negative_talk", "ended", "down",
           "Calls that by their stamps ended before they were answered; their talk time counts as 0", PRACTICE,
           m.NEGATIVE_TALK),
    _count(21, "negative_cycles", "negative_cycles", "closed", "down",
           "Deals that were closed on a day before their creation; their cycle counts as 0 days", "ooligo, Atrium",
           m.NEGATIVE_CYCLES),
    _count(20, "unconverted", "unconverted", "created; closed; first day of a cost; now", "down",
           "Amounts excluded for lack of a usable rate: of deals created, of deals closed, of open deals now, of cost",
           "Oracle FAW", m.UNCONVERTED, where="always", version=2),
    _count(23, "open_deals", "pipeline", "now", "up", "Open deals", PRACTICE, m.OPEN_DEALS, where="now"),
    _count(23, "open_pipeline", "pipeline", "now", "up",
           "Amount of the open deals, at the rates of now; of a deal that is split each rep has the share", PRACTICE,
           m.OPEN_MINOR, more=(m.OPEN_SPLIT_MINOR,), unit="minor", where="now", amounts=(OPEN,), version=3),
    _split(23, "open_pipeline_split", "now",
           "Part of open_pipeline: what is credited of open deals of others",
           m.OPEN_SPLIT_MINOR, where="now"),
    _count(22, "open_qualified", "pipeline", "now", "up", "Open deals in a qualified stage", "ooligo", m.OPEN_QUALIFIED,
           where="now"),
    _count(23, "open_qualified_pipeline", "pipeline", "now", "up",
           "Amount of the open deals in a qualified stage, at the rates of now; of a deal that is split each rep has"
           " the share", "ooligo", m.OPEN_QUALIFIED_MINOR, more=(m.OPEN_QUALIFIED_SPLIT_MINOR,), unit="minor",
           where="now", amounts=(QUALIFIED,), version=3),
    _count(23, "past_close_deals", "past_close", "now", "down",
           "Open deals that were to close (expected_close_on) on a local day before today: closed and nobody said so,"
           " or put off and nobody said until when", PRACTICE, m.CLOSING, where="now"),
    _count(23, "past_close_pipeline", "past_close", "now", "down",
           "Amount of the deals past their close, each whole its owner's, at the rates of now: what of the open"
           " pipeline to ask about first", PRACTICE, m.CLOSING_MINOR, unit="minor", where="now", amounts=(PAST_CLOSE,)),
    _moved("pipeline_change", "up",
           "Open pipeline at the last local midnight of the window, today at now, less that at its first: what the ten"
           " figures from pipeline_new to pipeline_split come to. A deal changes once a day, by what it was worth at"
           " the midnights, so edits of one day are netted. All amounts of a deal are at the rate of the company's day"
           " on which it was created: exchange rates move nothing. Days are each team's own; of several zones, those"
           " of one date are added",
           m.PIPELINE_NEW_MINOR, m.PIPELINE_WON_MINOR, m.PIPELINE_LOST_MINOR, m.PIPELINE_INCREASED_MINOR,
           m.PIPELINE_DECREASED_MINOR, m.PIPELINE_REOPENED_MINOR, m.PIPELINE_REASSIGNED_MINOR,
           m.PIPELINE_DELETED_MINOR, m.PIPELINE_MERGED_MINOR, m.PIPELINE_SPLIT_MINOR, amounts=(MOVED,),
           source="Truly, Oracle FAW, Atrium", version=2),
    _moved("pipeline_new", "up",
           "Amount of deals created, on the day of their creation and still open at its end, as it was then; without a"
           " time of creation, on the day on which they were first heard of", m.PIPELINE_NEW_MINOR),
    _moved("pipeline_won", "neither",
           "Amount that left the open pipeline as it was won, negative: as it stood at the midnight before",
           m.PIPELINE_WON_MINOR),
    _moved("pipeline_lost", "up",
           "Amount that left the open pipeline as it was lost, negative: as it stood at the midnight before",
           m.PIPELINE_LOST_MINOR),
    _moved("pipeline_increased", "up", "What amounts of open deals went up by, a deal a day, of all edits together",
           m.PIPELINE_INCREASED_MINOR),
    _moved("pipeline_decreased", "up",
           "What amounts of open deals went down by, negative, a deal a day, of all edits together",
           m.PIPELINE_DECREASED_MINOR),
    _moved("pipeline_reopened", "neither", "Amount of deals that were closed at a midnight and open at the next",
           m.PIPELINE_REOPENED_MINOR),
    _moved("pipeline_reassigned", "neither",
           "Amount of open deals that came from other reps or teams, less that of those that went there: with another"
           " owner, or with an owner who changed teams. It is 0 for what holds both, where both have one time zone",
           m.PIPELINE_REASSIGNED_MINOR),
    _moved("pipeline_deleted", "neither",
           "Amount of open deals that were deleted, negative, on the day of that: other figures forget such deals",
           m.PIPELINE_DELETED_MINOR),
    _moved("pipeline_merged", "neither",
           "Amount of open deals that were merged into others, negative, on the day of that: other figures forget such"
           " deals; what the other deal is worth by that is an amount that went up", m.PIPELINE_MERGED_MINOR),
    _moved("pipeline_split", "neither",
           "What was credited of open deals of others, by a split or as teams share their owner, less what was credited"
           " elsewhere of own ones: as a split or a share began or ended, and as the deal came, changed or left. The"
           " other nine are the owner's, whole. It is 0 for what holds all who share, where all have one time zone",
           m.PIPELINE_SPLIT_MINOR, source="Salesforce, HubSpot"),
    _moved("deals_pulled", "up",
           "Open deals that are to close earlier than at the midnight before, a deal a day; no part of pipeline_change",
           m.DEALS_PULLED, unit="count", source="Truly"),
    _moved("deals_pulled_amount", "up", "Amount of the deals pulled, as it was at the end of that day",
           m.DEALS_PULLED_MINOR, amounts=(PULLED,), source="Truly"),
    _moved("deals_pushed", "down",
           "Open deals that are to close later than at the midnight before, a deal a day; no part of pipeline_change",
           m.DEALS_PUSHED, unit="count", source="Truly"),
    _moved("deals_pushed_amount", "down", "Amount of the deals pushed, as it was at the end of that day",
           m.DEALS_PUSHED_MINOR, amounts=(PUSHED,), source="Truly"),
    _count(13, "unknown_stages", "unknown_stages", "now", "down",
           "Deals, open or closed, in a stage that no process declares; it neither closes nor reopens them", PRACTICE,
           m.UNKNOWN_STAGES, where="now"),
    Kpi(22, "pipeline_velocity", "pipeline", "velocity", "minor_per_day", "now; wins of the trailing 90 days", "up",
        "Open qualified deals x win rate x mean deal size / mean sales cycle; the size over deals with an"
        " amount, as in avg_deal_size", "ooligo, HubSpot, Salesforce", (m.OPEN_QUALIFIED,), where="90d", version=3),
    _stages(13, "stage_entries", "stage entered",
            "Deals that entered a stage, at their first entry, in the process of that time; no total over stages",
            m.STAGE_ENTERED, m.STAGE_CLOSED),
    _stages(14, "stage_conversion", "entry of the stage",
            "Share of deals entering a stage that reached a further one of the process since; not of stages that close",
            m.STAGE_ENTERED, m.STAGE_CONVERTED, m.STAGE_LOST, unit="ratio"),
    Kpi(14, "stage_conversion_value", "stage_value", "stages", "ratio", "entry of the stage", "up",
        "Share of the amount of the deals entering a stage that reached a further one of the process since: what they"
        " are worth now, of lost ones the last above 0, at the rates of the company's day of the entry; what was lost"
        " and what is pending, and the deals without an amount of 0 or more, or a rate, stand beside it",
        "HubSpot, Oracle FAW",
        (m.STAGE_CONVERTED_MINOR, m.STAGE_ENTERED_MINOR, m.STAGE_LOST_MINOR, m.STAGE_ENTERED,
         m.STAGE_ENTERED_WITHOUT_AMOUNT, m.STAGE_ENTERED_UNCONVERTED), where="days", version=3),
    _stages(14, "stage_open", "now", "Open deals in a stage; `places` say in which order its process has the stages",
            m.OPEN_STAGE, m.OPEN_STAGE_MINOR, where="now", version=3),
    _detours("stage_skips", "neither", "Deals that skipped a stage: of its entries those with a further stage or a win,"
             " without being told in it; no total over stages", m.STAGE_SKIPPED),
    _detours("stage_regressions", "down", "Deals that left a stage for one before it in its process, each once a stage,"
             " when it first did; no total over stages", m.STAGE_FELL_BACK),
    _detours("stage_reentries", "down", "Deals that entered a stage again after they had left it, each once a stage,"
             " when it first did; no total over stages", m.STAGE_CAME_BACK),
    Kpi(13, "stage_reopens", "stage_detours", "stages", "count", "opened again", "down",
        "Times a closed deal was opened again, by the stage in which it was; in all they are `reopened`", "HubSpot",
        (m.STAGE_REOPENED,), where="days", version=2),
    Kpi(13, "stage_exits", "stage_exits", "stages", "count", "last exit", "neither",
        "Deals that left a stage while they were open, or were closed in it, each once a stage, when it last did; no"
        " total over stages", "HubSpot", (m.STAGE_ONCE, m.STAGE_LATEST), where="days", version=2),
    Kpi(14, "stage_progress", "stage_exits", "stages", "ratio", "last exit", "up",
        "Of the deals that left a stage, those that went on to a further one or were won; `lost` were lost in it, all"
        " others went back or elsewhere. Unlike stage_conversion it is known of a window as soon as that is over",
        "Oracle FAW", (m.STAGE_LEFT_ON, m.STAGE_LEFT_LOST, m.STAGE_ONCE, m.STAGE_LATEST), where="days", version=2),
    Kpi(14, "stage_progress_value", "stage_exits", "stages", "ratio", "last exit", "up",
        "Share of the amount of the deals that left a stage that went on or was won: what they are worth now, of lost"
        " ones the last above 0, at the rates of the company's day of the exit; those without an amount of 0 or more,"
        " or a rate, stand beside it", "Oracle FAW",
        (m.STAGE_LEFT_ON_MINOR, m.STAGE_LEFT_MINOR, m.STAGE_LEFT_WITHOUT_AMOUNT, m.STAGE_LEFT_UNCONVERTED),
        where="days", version=3),
    Kpi(14, STALL, STALL, "stall", "deviations", "last exit, of the 28 days before today", "down",
        "Where prospects stall: the stage in which stage_progress of the last 28 days lies furthest below, or"
        " stage_time furthest above, what is usual there, in median absolute deviations. Usual is the median over the"
        " 180 spans of 28 days that ended on a day before today. A stage needs 20 exits in the span, and in 90 of the"
        " 180; a percentage point and an hour are the least deviations. Null where none is more than one deviation"
        " away: each is on half of its days", "common practice",
        (m.STAGE_LEFT_ON, m.STAGE_ONCE_MS, m.STAGE_LATEST_MS, m.STAGE_ONCE, m.STAGE_LATEST), where="now", reps=False),
    _stage_time("stage_time", "Mean time of the last visit to a stage", m.STAGE_ONCE_MS, m.STAGE_LATEST_MS,
                m.STAGE_ONCE, m.STAGE_LATEST),
    _stage_time("stage_time_median", "Median time of the last visit to a stage, to 1 % of whole minutes",
                m.STAGE_ONCE, m.STAGE_LATEST),
    _stage_time("stage_time_total", "Mean time of all visits of a deal to a stage together", m.STAGE_ONCE_MS,
                m.STAGE_TOTAL_MS, m.STAGE_ONCE, m.STAGE_TOTAL),
    _stage_time("stage_time_total_median",
                "Median time of all visits of a deal to a stage together, to 1 % of whole minutes",
                m.STAGE_ONCE, m.STAGE_TOTAL),
    _count(16, "stalled_deals", "stalled", "now", "down",
           "Open deals that nobody was in touch with for 10 working days (stalled_deal_days), in either direction, and"
           " that no meeting lies ahead of; one that nobody ever was in touch with since it was created. Working days"
           " are those of the scope's hours, without its public holidays; Monday to Friday where nobody says", "Atrium",
           m.UNTOUCHED, where="now", version=2),
    _count(16, "stalled_pipeline", "stalled", "now", "down", "Amount of the stalled deals, at the rates of now",
           "Atrium", m.UNTOUCHED_MINOR, unit="minor", where="now", amounts=(STALLED,), version=2),
    _count(25, "new_customers", "customers", "first win", "up", "Accounts won for the first time", PRACTICE,
           m.NEW_CUSTOMERS),
    _count(25, "cost", "cost", "local day of the period", "down",
           "Sales and marketing cost, accrued by day: an hour has no part of it", PRACTICE, m.COST_MINOR, unit="minor",
           reps=False, where="days", version=2),
    *COST_KPIS,
    _effort("dials_per_meeting", "Dials made for each meeting that was set", m.DIALS, m.MEETINGS_SET),
    _effort("meetings_per_win", "Meetings held for each deal won", m.MEETINGS_HELD, m.WON),
    _effort("activities_per_win", "Activities for each deal won", m.ACTIVITIES, m.WON),
    _effort("cost_per_meeting", "Sales and marketing cost for each meeting that was set", m.COST_MINOR, m.MEETINGS_SET,
            unit="minor", reps=False),
    _effort("cost_per_win", "Sales and marketing cost for each deal won", m.COST_MINOR, m.WON, unit="minor",
            reps=False),
    *EFFORT_KPIS,
    *REP_KPIS,
    _count(42, "one_to_ones", "coaching", "observed", "up", "Talks of a manager with one rep", PRACTICE, ONE_TO_ONES),
    _count(42, "coaching_sessions", "coaching", "observed", "up", "Coaching sessions, those of a team once each",
           PRACTICE, COACHING_SESSIONS),
    _ratio(43, "call_quality", "ratings", "observed", "up",
           "Average rating of calls that somebody listened to, as a share of the best rating there is", PRACTICE,
           ((CALL_QUALITY_BP,), (CALLS_RATED,)), divisor=10_000),
    _ratio(43, "customer_satisfaction", "ratings", "observed", "up",
           "Average rating that customers gave, as a share of the best one; elsewhere it often is the share of the best"
           " two ratings", PRACTICE, ((CUSTOMER_SATISFACTION_BP,), (CUSTOMER_RATINGS,)), divisor=10_000),
    _count(44, "survey_invited", "surveys", "end of the survey", "neither", "People asked in pulse surveys", PRACTICE,
           SURVEY_INVITED, reps=False),
    _count(44, "survey_answers", "surveys", "end of the survey", "up", "Answers to pulse surveys", PRACTICE,
           SURVEY_ANSWERS, reps=False),
    _ratio(44, "survey_response_rate", "surveys", "end of the survey", "up", "Share of those asked who answered",
           PRACTICE, ((SURVEY_ANSWERS,), (SURVEY_INVITED,)), reps=False),
    _ratio(44, "enps", "surveys", "end of the survey", "up",
           "Share of answers of 9 and 10 less share of 0 to 6, from -100 to 100 (eNPS); of surveys with 5 answers or"
           " more only, so that nobody's answer can be told", "Bain",
           ((ENPS_POINTS,), (ENPS_ANSWERS,)), unit="points", reps=False),
    Kpi(26, "goal_attainment", GOALS, "goals", "ratio", "that of each KPI with a target", "up",
        "Share of each target of the period that is reached, above 1 beyond it; with the gap, the gap per working day"
        " left, and what the targets directly below add up to. Of a rep who was hired, left, is new or was away, as far"
        " as the rules say, less is due",
        "Ambition", (GOALS,), REACHED, where="calendar", version=2),
    Kpi(27, "goal_pace", GOALS, "goals", "ratio", "now", "up",
        "What was reached against what is due of each target by now, by the share that periods before had reached by"
        " then if a curve was learnt, else by the share of working time that has passed, of a rep the time at work;"
        " with the projection to the end of the period from 15 % of the time on, and with a curve the two totals"
        " between which eight periods of ten end",
        "Atrium", (GOALS,), REACHED, where="calendar", version=2),
    Kpi(23, "pipeline_coverage", GOALS, "goals", "ratio", "now; closed", "up",
        "Open pipeline by what is still to be booked of the current quarter's target: 3 is three times as much; none"
        " once the target is reached, which `attained` says", PRACTICE,
        (GOALS,), (m.OPEN_MINOR, m.OPEN_SPLIT_MINOR, m.WON_MINOR, m.WON_SPLIT_MINOR),
        where="quarter", amounts=(OPEN,), version=3),
    Kpi(29, "activities_usual", USUAL, "usual", "count", "local time of day", "neither",
        "Activities that a team, or a rep within it, usually has by this time of the weekday: the median of the last"
        " eight such days, of four at least, up to the start of the running quarter-hour; with the band around it."
        " Holidays and days without any activity do not count", "Atrium", (m.ACTIVITIES,), where="now"),
    Kpi(29, "activities_usual_hour", USUAL, "usual", "count", "local hour of the day", "neither",
        "Activities that a team, or a rep within it, usually has in the whole of the present hour of the weekday, by"
        " the same days", "Atrium", (m.ACTIVITIES,), where="now"),
)  # fmt: skip

SECTIONS: Mapping[int, str] = {
    1: "Calls made",
    2: "Emails sent",
    3: "Activities",
    4: "Meetings set",
    5: "Meetings held and shows",
    6: "Connect rate",
    7: "Conversation rate",
    8: "Average talk time",
    9: "Speed to lead",
    10: "Speed to contact",
    11: "Leads worked",
    12: "Opportunities created",
    13: "Stage entries",
    14: "Stage conversion",
    15: "Time in stage",
    16: "Stalled deals",
    17: "Win rate by count",
    18: "Win rate by value",
    19: "Deal size",
    20: "Bookings",
    21: "Sales cycle",
    22: "Pipeline velocity",
    23: "Open pipeline",
    24: "Pipeline change",
    25: "Customer acquisition cost",
    26: "Goal attainment",
    27: "Pace",
    29: "Usual activity",
    30: "Calls offered",
    31: "Calls answered",
    32: "Calls abandoned",
    33: "Speed of answer",
    34: "Service level",
    35: "Talk",
    36: "Hold",
    37: "Wrap-up",
    38: "Handle time",
    39: "Occupancy",
    40: "Live states",
    41: "Missed calls",
    42: "Coaching",
    43: "Ratings",
    44: "Pulse surveys",
    45: "What it takes",
    46: "What pays",
    47: "Reps at work",
}
"""What each number stands for. The one that is missing is of ranks, which are of any KPI and none themselves."""

BY_NAME: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS}
