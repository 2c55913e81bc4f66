"""A replica of one partition's state that follows the state log, with or without a lease."""

import asyncio

from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.kernel.diagnosis import Diagnosis
from pipeline.kernel.stage import Stage
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store

FINGERPRINT = "fingerprint"
POSITION_MS, COUNTED_MS = "position_ms", "counted_ms"
"""The scalars that hold when the record at the position was appended, which tells one log from another of its name,
and the append time that it counted with, if it is one of a source."""


class FingerprintError(Diagnosis):
    """Raised when a state was computed by other rules than this worker's."""


class Replica:
    """Store and stage of one partition, and where in the state log they stand."""

    def __init__(self, spec: StageSpec, partition: int, settings: EngineSettings) -> None:
        self.spec = spec
        self.partition = partition
        self.log_topic = settings.full_name(spec.state)
        self.source_topic = settings.full_name(spec.source)
        self.store = Store()
        self.reader = LogReader(self.store, f"{self.log_topic}-{partition}")
        self._stage: Stage | None = None

    @property
    def follows(self) -> bool:
        """Whether the log is read on from where the store stands, not from its head."""
        return self.reader.whole

    def forget(self) -> None:
        """Called when a batch was under way at the end of a lease: the store is ahead of the log."""
        self._stage = None
        self.reader.reset()

    async def stage(self) -> Stage:
        """The stage on the store as it is now, restored when anything was read since the last call."""
        if self._stage is None or self.reader.applied:
            stage = self.spec.factory(self.partition, self.store)
            for _ in stage.restore() or ():
                await asyncio.sleep(0)
            self._stage = stage
        return self._stage

    def check_fingerprint(self) -> None:
        """FingerprintError when the state was written by other rules; from then on it carries this worker's."""
        mine = self.spec.fingerprint
        held = self.store.scalars.get(FINGERPRINT)
        if held is not None and (differences := mine.differences(held)):
            raise FingerprintError(
                f"{self.reader.name} was computed otherwise than this worker would ({'; '.join(differences)}): "
                "restore those settings and versions, or start a new deployment (setting namespace) that replays "
                "the sources"
            )
        self.store.scalars[FINGERPRINT] = mine.stored()
