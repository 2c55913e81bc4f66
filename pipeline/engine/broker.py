"""How the engine reaches the broker: its settings, the producer under Faust, and clients beside Faust's own."""

from dataclasses import dataclass

from pipeline.engine.clients import Clients
from pipeline.engine.producer import Outlet
from pipeline.engine.spec import EngineSettings


@dataclass(frozen=True, slots=True, eq=False)
class Broker:
    """Handed to whatever in the engine writes or reads."""

    settings: EngineSettings
    outlet: Outlet
    clients: Clients
