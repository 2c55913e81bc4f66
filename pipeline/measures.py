"""The names of all measures: what cells, panes and windows add up. Values are integers; the unit is in the name.

A measure with a colon is a family: `stage_entered:<process>:<stage>`. One that ends with a tilde and a number is a
bucket of a sketch: `deal_size~<bucket>` (pipeline/kernel/sketch.py), a count of values. A family may have sketches:
`stage_once:<process>:<stage>~<bucket>`.
"""

# Calls. Time basis: started, but talk: ended.
CALLS = "calls"  # every call but internal ones, logged or dialled
DIALS = "dials"  # outbound attempts; a logged call stands for as many as it says
CONNECTED = "connected"  # a person answered, either direction
CONNECTED_DIALS = "connected_dials"  # outbound only
TALK_MS = "talk_ms"  # ended
TALK_LEGS = "talk_legs"  # ended; what was talked of them is known
OFFERED = "offered"  # inbound calls
ANSWERED = "answered"  # inbound calls a rep answered
ABANDONED = "abandoned"  # inbound callers who gave up
ANSWERED_UNTIMED = "answered_untimed"  # of those answered: nobody knows how long the caller waited
ANSWER_WAIT_MS = "answer_wait_ms"  # wait of answered inbound calls
ANSWERED_IN_20S = "answered_in_20s"  # answered inbound calls with a wait of at most 20 s
HOLD_MS = "hold_ms"  # ended; of the same legs
WRAPPED_UP = "wrapped_up"  # ended; of the same legs, the wrap-up of them is known
WRAP_UP_MS = "wrap_up_ms"  # ended
CONVERSATIONS = "conversations"  # connected dials with talk of 60 s at least
CONVERSATIONS_UNTIMED = "conversations_untimed"  # connected dials: not known yet whether they are
MISSED = "missed"  # rings of inbound calls at a rep who did not answer
HUNG_UP_RINGING = "hung_up_ringing"  # rings of inbound calls at a rep that the caller ended
NEGATIVE_TALK = "negative_talk"  # calls whose stamps gave a negative talk time, clamped to 0; ended

# Phones. Local days, cut at midnight: what has run its course until the next state.
CONTACT_MS = "contact_ms"  # on a call, or working on one
AVAILABLE_MS = "available_ms"
PHONES_LEFT_ON = "phones_left_on"  # stretches of either beyond a day, which are in neither; on the day they began
PHONE_STRETCH = "phone_stretch:"  # + from:to:state: what is over, of a rep's timeline; the hour of its end
PHONE_STRETCHES_BEYOND = "phone_stretches_beyond"  # those of the hour that are too many to be told one by one

# Other activities. Time basis: sent, booked, meeting start, occurred.
EMAILS = "emails"  # outbound, one to one
EMAILS_BULK = "emails_bulk"
MEETINGS_SET = "meetings_set"  # booked
MEETINGS_HELD = "meetings_held"  # start
MEETINGS_MISSED = "meetings_missed"  # no-shows; start
MEETINGS_PENDING = "meetings_pending"  # neither cancelled, and nobody has told how they went; start, by local day
ACTIVITIES = "activities"  # calls (inbound: answered), emails, meetings held, visits and the like; each touch once

# Leads. Time basis: created (cohort).
LEADS_CREATED = "leads_created"
LEADS_WORKED = "leads_worked"  # with an outbound touch at or after the creation
LEAD_TRY_MS = "lead_try_ms"  # from the creation to the first of these
LEAD_TRY = "lead_try~"  # sketch of the same, ms
LEADS_TRIED_5M = "leads_tried_5m"  # it came within 5 minutes
LEADS_TRIED_5_15M = "leads_tried_5_15m"  # after that, within 15
LEADS_TRIED_15_60M = "leads_tried_15_60m"
LEADS_CONTACTED = "leads_contacted"  # with a contact of both sides at or after the creation
LEAD_CONTACT_MS = "lead_contact_ms"
LEAD_CONTACT = "lead_contact~"
LEADS_CONTACTED_5M = "leads_contacted_5m"
LEADS_CONTACTED_5_15M = "leads_contacted_5_15m"
LEADS_CONTACTED_15_60M = "leads_contacted_15_60m"

# Deals. Time basis: created, stage entry, close.
DEALS_CREATED = "deals_created"
DEALS_CREATED_WON = "deals_created_won"  # of those: won by now
DEALS_CREATED_MINOR = "deals_created_minor"  # as it was at creation
DEALS_CREATED_WITHOUT_AMOUNT = "deals_created_without_amount"
DEALS_CREATED_UNCONVERTED = "deals_created_unconverted"
DEALS_CREATED_SPLIT_MINOR = "deals_created_split_minor"  # what splits give, less what they take: 0 in all
DEALS_CREATED_NOW_SPLIT_MINOR = "deals_created_now_split_minor"  # the same
DEALS_CREATED_NOW_MINOR = "deals_created_now_minor"  # as it is now
DEALS_CREATED_NOW_WITHOUT_AMOUNT = "deals_created_now_without_amount"
DEALS_CREATED_NOW_UNCONVERTED = "deals_created_now_unconverted"
STAGE_ENTERED = "stage_entered:"  # + process:stage, an open or undeclared one, at first entry
STAGE_CLOSED = "stage_closed:"  # + process:stage, a won or lost one, at the close
STAGE_CONVERTED = "stage_converted:"  # + process:stage, cohort by entry: later reached a further stage
STAGE_LOST = "stage_lost:"  # + process:stage, cohort by entry: lost without a further stage
STAGE_ENTERED_MINOR = "stage_entered_minor:"  # cohort by entry, open stages: what its deals are worth
STAGE_CONVERTED_MINOR = "stage_converted_minor:"
STAGE_LOST_MINOR = "stage_lost_minor:"
STAGE_ENTERED_WITHOUT_AMOUNT = "stage_entered_without_amount:"
STAGE_ENTERED_UNCONVERTED = "stage_entered_unconverted:"
STAGE_SKIPPED = "stage_skipped:"  # + process:stage; of the entries: with a further stage, without being told in it
STAGE_FELL_BACK = "stage_fell_back:"  # + process:stage, left for one before it, at the first time
STAGE_CAME_BACK = "stage_came_back:"  # + process:stage, entered again after it was left, at the first time
STAGE_REOPENED = "stage_reopened:"  # + process:stage, times a closed deal was opened again in it
STAGE_LEFT_ON = "stage_left_on:"  # + process:stage; of the last exits: into a further stage, or won
STAGE_LEFT_LOST = "stage_left_lost:"  # + process:stage; of the last exits: lost
STAGE_LEFT_MINOR = "stage_left_minor:"  # + process:stage; what the deals of all last exits are worth
STAGE_LEFT_ON_MINOR = "stage_left_on_minor:"
STAGE_LEFT_WITHOUT_AMOUNT = "stage_left_without_amount:"  # of the last exits
STAGE_LEFT_UNCONVERTED = "stage_left_unconverted:"
STAGE_ONCE_MS = "stage_once_ms:"  # + process:stage; time in it of deals that were in it once, at the exit
STAGE_LATEST_MS = "stage_latest_ms:"  # + process:stage; of deals that were in it more than once: the last visit
STAGE_TOTAL_MS = "stage_total_ms:"  # the same, all visits
STAGE_ONCE = "stage_once:"  # + process:stage~bucket: sketches of these three, whole minutes
STAGE_LATEST = "stage_latest:"
STAGE_TOTAL = "stage_total:"
WON = "won"
LOST = "lost"
WON_MINOR = "won_minor"
WON_SPLIT_MINOR = "won_split_minor"  # what splits give, less what they take: 0 in all
WON_WITHOUT_AMOUNT = "won_without_amount"  # of those won: nobody said what they are worth
WON_UNCONVERTED = "won_unconverted"  # of those won: no usable rate
WON_ADJUSTMENTS = "won_adjustments"  # of those won: below 0
WON_ADJUSTMENTS_MINOR = "won_adjustments_minor"  # what these take from won_minor, above 0
LOST_MINOR = "lost_minor"
LOST_WITHOUT_AMOUNT = "lost_without_amount"
LOST_UNCONVERTED = "lost_unconverted"
WON_CYCLES = "won_cycles"  # won deals whose creation is known
WON_CYCLE_DAYS = "won_cycle_days"
LOST_CYCLES = "lost_cycles"
LOST_CYCLE_DAYS = "lost_cycle_days"
NEGATIVE_CYCLES = "negative_cycles"  # closed before creation, clamped to 0
REOPENED = "reopened"  # times a closed deal was opened again
UNCONVERTED = "unconverted"  # amounts left out for lack of a usable rate
DEAL_SIZE = "deal_size~"  # sketch of won amounts, minor units
WON_CYCLE = "won_cycle~"  # sketch of won cycles, days
LOST_CYCLE = "lost_cycle~"

# The open pipeline from one local midnight to the next: one change a deal, place and day, at the rate of the deal's
# beginning. Day panes only. What left it is negative; the ten sums come to its difference.
PIPELINE_NEW_MINOR = "pipeline_new_minor"
PIPELINE_WON_MINOR = "pipeline_won_minor"
PIPELINE_LOST_MINOR = "pipeline_lost_minor"
PIPELINE_INCREASED_MINOR = "pipeline_increased_minor"
PIPELINE_DECREASED_MINOR = "pipeline_decreased_minor"
PIPELINE_REOPENED_MINOR = "pipeline_reopened_minor"
PIPELINE_REASSIGNED_MINOR = "pipeline_reassigned_minor"  # what came from elsewhere, less what went there
PIPELINE_DELETED_MINOR = "pipeline_deleted_minor"
PIPELINE_MERGED_MINOR = "pipeline_merged_minor"
PIPELINE_SPLIT_MINOR = "pipeline_split_minor"  # what splits give, less what they take
PIPELINE_CHANGES = "pipeline_changes"  # the changes that these sums are of
PIPELINE_CHANGES_WITHOUT_AMOUNT = "pipeline_changes_without_amount"
PIPELINE_CHANGES_UNCONVERTED = "pipeline_changes_unconverted"
DEALS_PULLED = "deals_pulled"  # open deals that are to close earlier than at the midnight before
DEALS_PULLED_MINOR = "deals_pulled_minor"
DEALS_PULLED_WITHOUT_AMOUNT = "deals_pulled_without_amount"
DEALS_PULLED_UNCONVERTED = "deals_pulled_unconverted"
DEALS_PUSHED = "deals_pushed"  # later
DEALS_PUSHED_MINOR = "deals_pushed_minor"
DEALS_PUSHED_WITHOUT_AMOUNT = "deals_pushed_without_amount"
DEALS_PUSHED_UNCONVERTED = "deals_pushed_unconverted"

# Customers and cost. Time basis: first win; local day of the period.
NEW_CUSTOMERS = "new_customers"
COST_MINOR = "cost_minor"
COST_CATEGORY_MINOR = "cost_category_minor:"  # + category; the same cost
COST_30D_MINOR = "cost_30d_minor"  # the same cost, 30 local days later
COST_60D_MINOR = "cost_60d_minor"
COST_90D_MINOR = "cost_90d_minor"

# Standing: summed without time.
OPEN_DEALS = "open_deals"
OPEN_MINOR = "open_minor"
OPEN_SPLIT_MINOR = "open_split_minor"  # what splits give, less what they take: 0 in all
OPEN_WITHOUT_AMOUNT = "open_without_amount"
OPEN_UNCONVERTED = "open_unconverted"
OPEN_QUALIFIED = "open_qualified"
OPEN_QUALIFIED_MINOR = "open_qualified_minor"
OPEN_QUALIFIED_SPLIT_MINOR = "open_qualified_split_minor"  # the same
OPEN_QUALIFIED_WITHOUT_AMOUNT = "open_qualified_without_amount"
OPEN_QUALIFIED_UNCONVERTED = "open_qualified_unconverted"
OPEN_STAGE = "open_stage:"  # + process:stage
OPEN_STAGE_MINOR = "open_stage_minor:"
UNTOUCHED = "untouched:"  # + local day: open deals by when anybody last was in touch, or will meet; since created
UNTOUCHED_MINOR = "untouched_minor:"
UNTOUCHED_WITHOUT_AMOUNT = "untouched_without_amount:"
UNTOUCHED_UNCONVERTED = "untouched_unconverted:"
CLOSING = "closing:"  # + local day: open deals by when they are to close
CLOSING_MINOR = "closing_minor:"
CLOSING_WITHOUT_AMOUNT = "closing_without_amount:"
CLOSING_UNCONVERTED = "closing_unconverted:"
UNKNOWN_STAGES = "unknown_stages"  # deals, open or closed, in a stage that no process declares
CALLERS_WAITING = "callers_waiting:"  # + second of the call, in a ring: inbound calls that nobody has answered yet
LEADS_WAITING = "leads_waiting"  # open, no outbound touch since the creation
LEADS_WAITING_SINCE = "leads_waiting_since:"  # + local day of the creation: the same leads
AGENTS = "agents:"  # + state, or break:reason: reps by what their phone is set to, but for those that are off
AGENTS_SINCE_MS = "agents_since_ms:"  # the instants since when, added up
CONTACT_RUNNING = "contact_running:"  # + local day on which it began: stretches on contact that go on
CONTACT_RUNNING_SINCE = "contact_running_since:"  # the minutes in which these began, since 1970, added up
AVAILABLE_RUNNING = "available_running:"
AVAILABLE_RUNNING_SINCE = "available_running_since:"

UNASSIGNED = "unassigned"
"""The team or rep that stands for everything the organisation does not know."""
COMPANY = "company"
"""The scope of everything."""
