"""What the KPI table says to people beside each formula: whose records a KPI is of, and how others define it."""

from collections.abc import Mapping

_OF: Mapping[str, tuple[str, ...]] = {
    "calls that are not internal, of the rep who answered first or made the call; where no rep is known, of the team"
    " that was called": ("calls", "connected_calls"),
    "outbound calls, of the rep who made them": ("dials", "connect_rate", "conversations_60s", "conversation_rate_60s"),
    "legs of connected calls that ended and whose talk time is known, of the rep who had each": (
        "talk_time", "avg_talk_time", "negative_talk", "hold_time", "avg_hold_time", "handle_time", "avg_handle_time",
        "wrap_up_known",
    ),
    "legs of connected calls that ended and whose wrap-up is known, of the rep who had each": (
        "wrap_up_time", "avg_wrap_up_time",
    ),
    "inbound calls, of the rep who answered first; of one that nobody answered, of the rep or team that it names": (
        "offered", "abandoned", "abandon_rate",
    ),
    "inbound calls that a person answered, of the rep who answered first": ("answered",),
    "inbound calls that a person answered after a wait that is known, of the rep who answered first": (
        "answer_speed", "service_level_20s_answered",
    ),
    "inbound calls but those answered after a wait that nobody knows, of the rep who answered first; of one that nobody"
    " answered, of the rep or team that it names": ("service_level_20s",),
    "rings of inbound calls at a rep, of that rep": ("missed_rings", "hung_up_ringing"),
    "what the phones of reps were set to, told by the dialer, but what stood for more than 24 hours, of the rep whose"
    " phone it is": ("occupancy", "contact_time", "available_time"),
    "stretches of a phone on contact or available for more than 24 hours, of the rep whose phone it is": (
        "phones_left_on",
    ),
    "reps whose phone is not off, each in the present team": ("agent_states",),
    "one rep within a team": ("phone_timeline",),
    "inbound calls of the last hour that are queued or ringing, of the team that was called": ("callers_waiting",),
    "outbound emails to one person, of the rep who sent them": ("emails",),
    "outbound emails of sequences and campaigns, of the rep in whose name they were sent": ("emails_bulk",),
    "meetings that were booked, of the rep who has them": ("meetings_set",),
    "meetings that took place, of the rep who has them": ("meetings_held",),
    "meetings that are due: that took place or to which the customer did not come; neither cancelled ones nor those of"
    " which nobody has told yet how they went; of the rep who has them": ("show_rate",),
    "meetings of which nobody has told how they went, over or still ahead, but for cancelled ones; of the rep who has"
    " them": ("meetings_pending",),
    "calls, emails to one person, meetings held, visits and other touches, each once, of the rep who was in touch": (
        "activities",
    ),
    "activities of the reps who belong to the team, and are employed, when the window ends": ("activity_score",),
    "leads that were created, of their present owner, in the team that the owner was in when they were": (
        "leads_created", "leads_worked_share", "leads_tried_5m", "leads_tried_15m", "leads_tried_60m",
        "leads_contacted_5m", "leads_contacted_15m", "leads_contacted_60m",
    ),
    "leads that were tried since they were created, of their present owner": (
        "leads_worked", "speed_to_lead", "speed_to_lead_median", "speed_to_lead_p90",
    ),
    "leads with a contact of both sides since they were created, of their present owner": (
        "speed_to_contact", "speed_to_contact_median", "speed_to_contact_p90",
    ),
    "open leads that nobody has tried since they were created, of their present owner": (
        "leads_waiting", "leads_waiting_oldest",
    ),
    "deals that were created, of their owner at the creation": ("deals_created", "conversion_rate"),
    "deals that were created and whose amount then is known and converted, of their owner at the creation, or by the"
    " split of then": ("deals_created_amount",),
    "deals that were created and whose amount now is known and converted, of their owner at the creation, or by the"
    " split of then": ("deals_created_amount_now",),
    "deals that are won, of their owner at the close": ("won",),
    "deals that are lost, of their owner at the close": ("lost",),
    "deals that are won or lost, whatever they are worth, of their owner at the close": ("win_rate",),
    "deals that are won or lost and whose amount is known and converted, and not below 0, whole, of their owner at the"
    " close": ("win_rate_value",),
    "deals that are won and whose amount is known and converted, of their owner at the close, or by the split of"
    " then": ("bookings",),
    "deals that are won and whose amount is known and converted, and below 0, of their owner at the close": (
        "bookings_adjustments",
    ),
    "deals that are won and whose amount is known and converted, and not below 0, whole, of their owner at the close": (
        "avg_deal_size", "median_deal_size",
    ),
    "deals that are won and split, or whose owner teams share, of each who has a share at the close": (
        "bookings_split",
    ),
    "deals that are won and whose creation is known, of their owner at the close": (
        "sales_cycle", "sales_cycle_median",
    ),
    "deals that are lost and whose creation is known, of their owner at the close": (
        "lost_cycle", "lost_cycle_median",
    ),
    "deals that were opened again after a close, of their owner at that time": ("reopened", "stage_reopens"),
    "deals that are won or lost on a day before their creation, of their owner at the close": ("negative_cycles",),
    "deals and cost with an amount that no rate converts, of whom they are": ("unconverted",),
    "deals that are open now, of their present owner": ("open_deals", "stage_open"),
    "deals that are open now and whose amount is known and converted, of their present owner, or by the present"
    " split": ("open_pipeline",),
    "deals that are open now and split, or whose owner teams share, of each who has a share": (
        "open_pipeline_split",
    ),
    "deals that are open now in a qualified stage, of their present owner": ("open_qualified",),
    "deals that are open now and were to close on a local day before today, of their present owner": (
        "past_close_deals",
    ),
    "deals that are open now, were to close on a local day before today, and whose amount is known and converted, of"
    " their present owner": ("past_close_pipeline",),
    "deals that are open now in a qualified stage and whose amount is known and converted, of their present owner, or"
    " by the present split": ("open_qualified_pipeline",),
    "deals that were open at one of the two midnights and whose amount is known and converted, of their owner of then,"
    " or by the split of then": ("pipeline_change", "pipeline_split"),
    "deals that were open at one of the two midnights and whose amount is known and converted, of their owner of"
    " then": (
        "pipeline_new", "pipeline_won", "pipeline_lost", "pipeline_increased", "pipeline_decreased",
        "pipeline_reopened", "pipeline_reassigned", "pipeline_deleted", "pipeline_merged",
    ),
    "deals that were open at both midnights with the same owner and a day on which they are to close": (
        "deals_pulled", "deals_pulled_amount", "deals_pushed", "deals_pushed_amount",
    ),
    "deals, open or closed, in a stage that no process declares, of their present owner": ("unknown_stages",),
    "deals that are open now in a qualified stage, of their present owner, and deals won and lost in 90 days, of their"
    " owner at the close": ("pipeline_velocity",),
    "deals that entered the stage and whose creation is known, of their owner at that time": (
        "stage_entries", "stage_conversion", "stage_skips",
    ),
    "deals that entered an open stage and whose creation and amount, of 0 or more, are known, of their owner at that"
    " time": (
        "stage_conversion_value",
    ),
    "deals that made such a move and whose creation is known, of their owner at that time": (
        "stage_regressions", "stage_reentries",
    ),
    "deals that left the stage and whose creation is known, of their owner at the last exit": (
        "stage_exits", "stage_progress", "stage_time", "stage_time_median", "stage_time_total",
        "stage_time_total_median",
    ),
    "deals that left the stage and whose creation and amount, of 0 or more, are known, of their owner at the last"
    " exit": (
        "stage_progress_value",
    ),
    "deals that left a stage in the 28 days before today, and in the 180 such spans before, of their owner at the last"
    " exit": ("stage_stall",),
    "deals that are open now and that nobody, of whichever team, is in touch with, of their present owner": (
        "stalled_deals",
    ),
    "the same deals, whose amount is known and converted, of their present owner": ("stalled_pipeline",),
    "accounts with a deal won for the first time, of the owner of that deal at its close": ("new_customers",),
    "sales and marketing cost that the company or a team was told to bear": ("cost", "cac_by_category"),
    "cost of the team or company, and accounts with a first win in it": ("cac", "cac_30d", "cac_60d", "cac_90d"),
    "dials, and meetings booked, of the same reps or teams in the same 90 days, whether or not one led to the other": (
        "dials_per_meeting",
    ),
    "meetings held, and deals won, of the same reps or teams in the same 90 days, whether or not one led to the"
    " other": ("meetings_per_win",),
    "activities, and deals won, of the same reps or teams in the same 90 days, whether or not one led to the other": (
        "activities_per_win",
    ),
    "cost, and meetings booked or deals won, of the same team in the same 90 days": (
        "cost_per_meeting", "cost_per_win",
    ),
    "deals that are won or lost after so many touches, of their owner at the close": (
        "win_rate_0_2_touches", "win_rate_3_5_touches", "win_rate_6_9_touches", "win_rate_10_or_more_touches",
    ),
    "deals that are won or lost and came of a lead that was tried so soon, of their owner at the close": (
        "win_rate_tried_5min", "win_rate_tried_60min", "win_rate_tried_1day", "win_rate_tried_later",
    ),
    "deals won whose amount is known and converted, and the reps who belong to the team, are employed and not absent"
    " all day": ("bookings_per_rep_day",),
    "open deals whose amount is known and converted, and the reps who belong to the team today, are employed and not"
    " absent all day": ("open_pipeline_per_rep",),
    "talks and sessions that were observed, of the rep, or of the team where they are told of a team": (
        "one_to_ones", "coaching_sessions",
    ),
    "calls that somebody listened to and rated, of the rep who had them, or of the team where no rep is told": (
        "call_quality",
    ),
    "ratings that customers gave, of the rep, or of the team where no rep is told": ("customer_satisfaction",),
    "pulse surveys that are over, of the team that was asked": (
        "survey_invited", "survey_answers", "survey_response_rate",
    ),
    "answers of pulse surveys that are over and have 5 answers or more, of the team that was asked": ("enps",),
    "reps over all their teams, teams with all who work in them and below, or the company, that have a target of this"
    " very window": ("goal_attainment", "goal_pace"),
    "whoever has a target of bookings of the current quarter, and the deals that are open or won in it": (
        "pipeline_coverage",
    ),
    "activities of a team, or of a rep within it, on the last eight days of this weekday on which anything was done and"
    " the team worked": ("activities_usual", "activities_usual_hour"),
}  # fmt: skip
"""By population: the KPIs of it."""
POPULATION: Mapping[str, str] = {name: whose for whose, names in _OF.items() for name in names}
"""By KPI: which records it is of, and whose."""

ELSEWHERE: Mapping[int, str] = {
    3: "Ambition weighs activities, which here is `activity_score`.",
    5: "Vymo goes by when a meeting was completed, so one that is marked late counts in a later window.",
    6: "Uservox divides by dials, as here, Aviary by the people who were called.",
    7: "Glencoco goes by what the rep says became of the call, a person and which one, however long it took.",
    9: "Prospeo also measures from when a lead was assigned, and in hours of business. Here a lead waits round the"
    " clock, whoever has it.",
    10: "Prospeo tells the first try, the first contact and the first qualified contact apart, each also from when a"
    " lead was assigned and in hours of business.",
    12: "Atrium counts the deals that a rep newly owns (New Opps Owned), whoever had them before. Here those that come"
    " from another rep are in `pipeline_reassigned`.",
    14: "Oracle divides those that progressed by all that were in the stage (% progressed), as `stage_progress` does of"
    " those that left it; `stage_conversion` follows those that entered.",
    17: "Some divide what is won in a window by what is created in it; here both are of the deals that were created"
    " (`conversion_rate`). Atrium counts won deals by their close date, and lost ones by when they were moved."
    " Salesforce, Oracle and Atrium can leave out deals without an amount, and those that sales never accepted.",
    18: "Where a system clears the amount of what is lost, the share by its amounts is always 100 %.",
    20: "Atrium tells negative adjustments apart from bookings. Here they are part of them, and `bookings_adjustments`"
    " says how much they take.",
    22: "HubSpot and Salesforce have the same formula. With all open deals in place of the qualified ones it was 31 %"
    " more on one public data set.",
    23: "Some weigh each deal by how likely its stage closes, or take the qualified ones alone, which"
    " `open_qualified_pipeline` is of.",
    27: "Atrium compares with the same point of the four fiscal quarters before; here a curve that was learnt of up to"
    " 24 periods does.",
    30: "Amazon Connect counts the contacts that were queued, Genesys Cloud those routed to a queue, which end as"
    " answered, abandoned or flow-out.",
    31: "Amazon Connect divides by the calls routed to the agent, Genesys Cloud by those offered. A transfer adds no"
    " answer there, nor here.",
    32: "Amazon Connect leaves out callbacks. Google divides by the calls handled and abandoned, without short"
    " abandons. Of outbound calls some count those that nobody takes within 2 s.",
    33: "Amazon Connect averages the time in the queue, Genesys Cloud the wait until the call is delivered. Aircall"
    " leaves out the menu and the welcome.",
    34: "Amazon Connect divides by the contacts queued, Genesys Cloud by those answered and abandoned, with flow-outs"
    " or without short abandons where it is set so. Aircall has three denominators: received, received in hours of"
    " business, and answered.",
    35: "Amazon Connect leaves out hold and the work after the call, as here. The duration that Aircall tells has the"
    " ringing in it.",
    36: "Amazon Connect adds up the intervals on hold, Genesys Cloud the time held. A hold that nobody ends is over"
    " with the call.",
    37: "Amazon Connect measures from the end of the call until the agent's state changes or its time is over; Genesys"
    " Cloud also counts the calls that had any.",
    38: "Genesys Cloud adds dialling and contacting, Dialpad's API leaves out wrap-up.",
    39: "Amazon Connect leaves out ringing, as here. Genesys Cloud divides handle time by the time on queue.",
    40: "Amazon Connect tells available, on contact, after-contact work and error, 15 s late; Genesys Cloud counts"
    " agents by queue.",
    41: "Amazon Connect counts non-response with the calls in which the customer gave up and without them; here the"
    " former are `hung_up_ringing`.",
}
"""By number: how other systems define what goes by the same name."""
