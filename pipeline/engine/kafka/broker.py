"""How the engine reaches the broker: its settings, its producers, and clients beside Faust's own."""

from dataclasses import dataclass, field

from pipeline.engine.kafka.bulk import BulkProducer
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.engine.kafka.outlet import Outlet


@dataclass(frozen=True, slots=True, eq=False)
class Broker:
    """Handed to whatever in the engine writes or reads.

    `newest_ms` is the newest append time that was counted in each source partition which this worker has held.
    """

    settings: EngineSettings
    outlet: Outlet
    bulk: BulkProducer
    clients: Clients
    newest_ms: dict[str, int] = field(default_factory=dict)
