"""The whole graph: what is read by whom, what follows from it, and where it goes. Start reading here.

    crm.events, telephony.events, org.changes   what happened          agents/crm.py, telephony.py, org.py
    facts                                       what it adds up to     agents/scoreboard.py
    parts                                       larger scopes          agents/rollup.py
    Redis, topics of KPIs, alerts, recognition  who wants to know      pipeline/sinks/

Exit codes of a worker: 0 it was told to stop, 2 something is set up wrongly, 70 it stopped before it could do harm (the
last thing it logs is why; start it again).
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from mode import Service
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from agents import crm, org, rollup, scoreboard, telephony
from pipeline import policies
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.config.redis_options import check_redis, redis_options
from pipeline.config.settings import Settings, SetupError
from pipeline.deployment_fingerprint import fingerprint_of
from pipeline.engine.engine import Engine
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.supervision.shutdown import Shutdown
from pipeline.engine.worker import Worker
from pipeline.intake.breaker import Breaker
from pipeline.kernel.lease import Lease
from pipeline.kernel.stage_spec import StageSpec
from pipeline.monitoring.health import Health
from pipeline.monitoring.logs import about, secrets_of, set_up_logs
from pipeline.monitoring.metrics import Metrics
from pipeline.publishing.cpu_budget import CpuBudget
from pipeline.publishing.publisher import Publisher
from pipeline.scores.definition import DEFINITION
from pipeline.sinks.alerts_topic import AlertsTopic
from pipeline.sinks.kpi_topic import KpiTopic
from pipeline.sinks.parts_topic import PartsTopic
from pipeline.sinks.prometheus import BoardPage, BoardScrape
from pipeline.sinks.recognition_topic import RecognitionTopic
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_heartbeat import RedisHeartbeat
from pipeline.sinks.redis_watch import RedisWatch
from pipeline.sinks.sink import Reclaimable, Sink
from pipeline.topics.check import check_topics

log = logging.getLogger(__name__)
Register = Callable[[Engine, StageSpec], None]
"""Makes the Faust agent of a stage."""
MakeSinks = Callable[[Settings, Engine, Metrics], Sequence[Sink]]
"""Makes the sinks of a worker, for all its leases; they connect when first used."""


def sinks_of(settings: Settings, engine: Engine, metrics: Metrics) -> Sequence[Sink]:
    """All places figures are sent to; Prometheus asks for them instead."""
    lives_seconds = settings.day_pane_days * 86_400
    definition = DEFINITION.version(policies.board_policy(settings))
    return [
        RedisSink(
            _redis(settings),
            settings.namespace,
            lives_seconds,
            definition,
            policies.chosen(settings),
            answered=metrics.redis_answered,
        ),
        KpiTopic(engine.send_all, Clients(engine.settings.client_options).reader, engine.settings.full_name),
        AlertsTopic(engine.send, settings.partitions),
        RecognitionTopic(engine.send, settings.partitions),
        PartsTopic(engine.send),
    ]


def _redis(settings: Settings) -> Redis:
    """A client of its own for whoever writes: each closes what it has."""
    return connect(settings.redis_url.get_secret_value(), **redis_options(settings))


class App:
    """One worker of a deployment, assembled: the engine with its five stages, the sinks, health and metrics."""

    def __init__(self, settings: Settings, make_sinks: MakeSinks = sinks_of) -> None:
        self.settings = settings
        self.metrics = Metrics(CollectorRegistry(), settings.namespace)
        engine_settings = policies.engine_settings(settings, self.metrics)
        graph = self._graph()
        self.engine = Engine(engine_settings, [stage for _, stage in graph])
        for register, stage in graph:
            register(self.engine, stage)
        self._budget = CpuBudget()
        self._failpoints = engine_settings.failpoints
        self._sinks = make_sinks(settings, self.engine, self.metrics)
        self.redis_watch = RedisWatch(_redis(settings), self.metrics.redis_used)
        self.heartbeat = RedisHeartbeat(_redis(settings), settings.namespace, settings.partitions, self._held)
        namespace, dropped = settings.namespace, self.metrics.dropped_series
        self.teams = BoardScrape(namespace, self._shown, policies.shown_of_all(settings), dropped=dropped)
        self.reps = BoardScrape(namespace, self._shown, policies.shown_of_reps(settings), dropped=dropped)
        self.health = Health(
            settings.health_host,
            settings.health_port,
            alive=lambda: (),
            ready=self.missing,
            doubts=self.doubts,
            scrapes={"/metrics": self._scrape, "/metrics/reps": self.reps.page},
            hosts=AllowedHosts.of(settings.allowed_hosts),
            late=self.metrics.loop_was_late,
        )

    def _graph(self) -> list[tuple[Register, StageSpec]]:
        """The five stages. Each declares what it sends; `salespulse topology` draws what follows from that."""
        settings, metrics, partitions = self.settings, self.metrics, self.settings.partitions
        rules, check = fingerprint_of(settings), Breaker(policies.breaker_policy(settings)).check
        roster, ledger = policies.roster_policy(settings), policies.ledger_policy(settings)
        proofs = policies.proofs(settings)
        board, alerts, publisher = policies.board_policy(settings), policies.alert_policy(settings), self._publisher
        return [
            (org.register, org.stage(roster, partitions, proofs, rules, metrics, check(org.TOPIC))),
            (crm.register, crm.stage(ledger, partitions, proofs, rules, metrics, check(crm.TOPIC))),
            (telephony.register, telephony.stage(ledger, partitions, proofs, rules, metrics, check(telephony.TOPIC))),
            (scoreboard.register, scoreboard.stage(board, alerts, partitions, rules, publisher)),
            (rollup.register, rollup.stage(board, partitions, rules, publisher)),
        ]

    def missing(self) -> list[str]:
        """What keeps the worker from being ready, in words: what its engine lacks, and then what each sink does."""
        return [*self.engine.missing(), *(line for sink in self._sinks for line in sink.missing())]

    def doubts(self) -> list[str]:
        """What is no reason not to be ready, and will be if nobody looks, in words."""
        told = (line for sink in self._sinks if isinstance(sink, Reclaimable) for line in sink.doubts())
        return [*self.redis_watch.doubts(), *told]

    async def close_sinks(self) -> None:
        """Called once the engine has stopped. Closes every sink, also where another one cannot be closed."""
        closed = await asyncio.gather(*(sink.close() for sink in self._sinks), return_exceptions=True)
        for sink, error in zip(self._sinks, closed, strict=True):
            if error is not None:
                told = {"code": "sink_not_closed", "sink": sink.name}
                log.warning("%s could not be closed: %s: %s", sink.name, type(error).__name__, error, extra=told)

    def _publisher(self, lease: Lease) -> Sequence[Coroutine[Any, Any, None]]:
        stage = lease.stage
        assert isinstance(stage, Scoreboard | Rollup)
        pace = policies.pace(self.settings)
        return [Publisher(lease, stage, self._sinks, pace, self._budget, self.metrics, self._failpoints).run()]

    def _held(self) -> list[tuple[str, Lease]]:
        names = {spec.source: spec.name for spec in self.engine.stages}
        return [(names[lease.topic], lease) for lease in self.engine.leases]

    def _shown(self) -> Iterator[tuple[Lease, Scoreboard | Rollup]]:
        for lease in self.engine.leases:
            if isinstance(lease.stage, Scoreboard | Rollup):
                yield lease, lease.stage

    async def _scrape(self) -> BoardPage:
        for spec in self.engine.stages:
            self.metrics.holds(spec.source, sum(lease.topic == spec.source for lease in self.engine.leases))
        self.metrics.lags(self.engine.lags())
        return await self.teams.page(self.metrics.registry)


class Surroundings(Service):
    """What is there before the engine starts and after it has stopped: the private port, and the sinks."""

    def __init__(self, app: App, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._app = app

    async def on_start(self) -> None:
        await self._app.health.start()
        self.add_future(self._app.heartbeat.run())
        self.add_future(self._app.redis_watch.run())
        definition = DEFINITION.version(policies.board_policy(self._app.settings))
        log.info("figures are of definition %s", definition, extra={"code": "definition"})
        log.info("health, readiness and metrics on port %d", self._app.health.port, extra={"code": "listening"})

    async def on_stop(self) -> None:
        await self._app.close_sinks()
        await self._app.redis_watch.close()
        await self._app.heartbeat.close()
        await self._app.health.stop()


def create_app(settings: Settings) -> App:
    """A worker that has not connected to anything yet; called inside no loop."""
    return App(settings)


def run_worker(settings: Settings) -> None:
    """Run one worker until a signal comes; called by the command line in the main thread. Ends the process.

    Raises:
        SetupError: when the topics are not as they must be, Kafka does not answer, Kafka or Redis refuses the login,
            or the port is taken.
    """
    shutdown = Shutdown()
    shutdown.take_signals()
    set_up_logs(settings.log_format, settings.log_level, secrets_of(settings), about=about(settings))
    if settings.embedded:
        for lack in policies.EMBEDDED_LACKS:
            log.warning("embedded broker: %s", lack, extra={"code": "embedded_lacks"})
    if differences := check_topics(settings):
        raise SetupError(
            "\n".join(["topics do not match the settings (see `salespulse topics --check`):", *differences])
        )
    check_redis(settings)
    app = create_app(settings)
    app.health.bind()
    Worker(app.engine, Surroundings(app), shutdown=shutdown, loglevel=settings.log_level).run()
