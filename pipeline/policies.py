"""What each part is told, out of the settings of the deployment."""

from collections.abc import Sequence
from functools import partial

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.config.kafka_options import security_options
from pipeline.config.settings import EMBEDDED_PARTITIONS, PREFIX, Settings, SetupError, control_keys_of
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.intake.breaker import BreakerPolicy
from pipeline.kernel.failpoints import Failpoints
from pipeline.kernel.proofs import Proofs
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import RosterPolicy
from pipeline.monitoring.metrics import Metrics
from pipeline.organisation.days import HOUR_MS
from pipeline.publishing.publisher import Pace
from pipeline.scores.board import BoardPolicy
from pipeline.scores.chosen import Chosen
from pipeline.scores.definition import DEFINITION
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.readings import Choice
from pipeline.topics.table import full_name, topics
from schemas.types import to_ms

EMBEDDED_LACKS: Sequence[str] = (
    f"every topic has {EMBEDDED_PARTITIONS} partitions and 5 MB each, in memory: older records are lost",
    "topics are neither created nor checked, and state logs are not trimmed",
    "records carry the producer's time instead of the broker's",
    "a state too large for a partition is refused",
)
"""What a worker says at its start on the embedded broker."""


def ledger_policy(settings: Settings) -> LedgerPolicy:
    """For the objects of the CRM and of telephony."""
    return LedgerPolicy(
        activity_days=settings.activity_retention_days,
        closed_deal_days=settings.closed_deal_retention_days,
        pane_days=settings.day_pane_days,
        future_tolerance_ms=settings.future_tolerance_seconds * 1000,
        currency=settings.currency,
        jump_ms=settings.append_jump_hours * HOUR_MS,
        letter_bodies=settings.dead_letter_bodies,
    )


def roster_policy(settings: Settings) -> RosterPolicy:
    """For the organisation; it is sent again twice within the shortest time that a copy is kept."""
    shortest_days = min(settings.transit_retention_days, settings.activity_retention_days)
    resend_ms = min(RosterPolicy().resend_ms, shortest_days * 86_400_000 // 3)
    return RosterPolicy(
        future_tolerance_ms=settings.future_tolerance_seconds * 1000,
        resend_ms=resend_ms,
        jump_ms=settings.append_jump_hours * HOUR_MS,
        letter_bodies=settings.dead_letter_bodies,
    )


def proofs(settings: Settings) -> Proofs:
    """For whoever writes the pipeline's own records into source topics, or judges them. SetupError without keys."""
    return Proofs(control_keys_of(settings), settings.namespace)


def board_policy(settings: Settings) -> BoardPolicy:
    """For the boards of scoreboards and rollups."""
    return BoardPolicy(
        minute_pane_hours=settings.minute_pane_hours,
        day_pane_days=settings.day_pane_days,
        finality_hours=settings.finality_hours,
        activity_days=settings.activity_retention_days,
        stalled_days=settings.stalled_deal_days,
        currency=settings.currency,
        chosen=chosen(settings),
    )


def chosen(settings: Settings) -> Chosen:
    """What is published. SetupError for a family of KPIs that there is none of."""
    windows = settings.publish_teams, settings.publish_reps, settings.publish_members
    families = DEFINITION.table.families
    try:
        return Chosen.read(*windows, settings.publish_reps_families, families)
    except ValueError as error:
        name, allowed = f"{PREFIX}PUBLISH_REPS_FAMILIES", f"all, or some of {','.join(families)}"
        raise SetupError(f"{name}: there is no family {error}; allowed: {allowed}") from None


def alert_policy(settings: Settings) -> AlertPolicy:
    """For the alerts that scoreboards open."""
    return AlertPolicy(
        feed_silence_minutes=settings.feed_silence_minutes,
        feed_known_days=settings.feed_known_days,
    )


def breaker_policy(settings: Settings) -> BreakerPolicy:
    """For the breaker before the source topics."""
    before = settings.dead_letters_pass_before
    return BreakerPolicy(
        limit_percent=settings.dead_letter_limit_percent,
        least_records=settings.dead_letter_limit_records,
        pass_before_ms=0 if before is None else to_ms(before),
    )


def pace(settings: Settings) -> Pace:
    """For the publishers."""
    return Pace(settings.publish_interval_ms / 1000, settings.slow_publish_interval_ms / 1000)


def shown_of_all(settings: Settings) -> Choice:
    """What is scraped of teams, groups and the company: all KPIs, in the windows that are published."""
    return Choice(BY_NAME, chosen(settings).teams.current, reps=False)


def shown_of_reps(settings: Settings) -> Choice:
    """What is scraped of reps; nothing unless it is asked for. SetupError for a KPI that would never be seen."""
    name = f"{PREFIX}PROMETHEUS_REPS_KPIS"
    kpis = list(dict.fromkeys(settings.prometheus_reps_kpis.split(",")))
    for kpi in kpis:
        if kpi not in BY_NAME:
            raise SetupError(f"{name}: there is no KPI {kpi}; `salespulse kpis` lists all")
    choice = Choice(kpis, settings.prometheus_reps_windows.split(","), reps=True)
    for unseen in choice.without_window():
        raise SetupError(f"{name}: a rep has no {unseen.name} in {settings.prometheus_reps_windows}")
    return choice if settings.prometheus_reps else Choice((), (), reps=True)


def engine_settings(settings: Settings, metrics: Metrics) -> EngineSettings:
    """For the engine."""
    return EngineSettings(
        brokers=settings.brokers.split(","),
        group=settings.namespace,
        full_name=partial(full_name, settings.namespace),
        partitions=settings.partitions,
        topics=[topic.name for topic in topics(settings)],
        embedded=settings.embedded,
        worker=settings.worker_id or "worker",
        instance_id=settings.worker_id,
        security=security_options(settings),
        proofs=proofs(settings),
        session_timeout_seconds=settings.session_timeout_seconds,
        recovery_limit_seconds=settings.recovery_limit_seconds,
        linger_ms=settings.linger_ms,
        jump_limit_ms=settings.append_jump_hours * HOUR_MS,
        # The embedded broker keeps 5 MB a partition, as they come; every Kafka client reads gzip without a library.
        compression="gzip" if settings.embedded else None,
        self_fence=settings.self_fence,
        failpoints=Failpoints.parse(settings.failpoint or ""),
        metrics=metrics,
    )
