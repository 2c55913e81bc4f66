"""How the engine reaches the broker: its settings, its producers, and clients beside Faust's own."""

from dataclasses import dataclass

from pipeline.engine.bulk import BulkProducer
from pipeline.engine.clients import Clients
from pipeline.engine.producer import Outlet
from pipeline.engine.spec import EngineSettings


@dataclass(frozen=True, slots=True, eq=False)
class Broker:
    """Handed to whatever in the engine writes or reads."""

    settings: EngineSettings
    outlet: Outlet
    bulk: BulkProducer
    clients: Clients
