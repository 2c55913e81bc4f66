"""What one browser is sent for as long as it stays: server-sent events, each rendered once for all browsers."""

from collections.abc import AsyncGenerator

from pipeline.web.hub import Hub
from pipeline.web.renderings import Renderings


async def stream(hub: Hub, renderings: Renderings, window: str) -> AsyncGenerator[bytes, None]:
    """Everything first, then what changes, one message a kind; who vouches is said with every pulse."""
    with hub.listening() as listener:
        yield renderings.everything(window)
        alerts_told = recognised_told = vouched_told = -1
        async for changes in listener.changes():
            if changes.scopes:
                yield renderings.changed(window, changes)
            if alerts_told != hub.alerts_told:
                alerts_told = hub.alerts_told
                yield renderings.alerts_event()
            if recognised_told != hub.recognised_told:
                recognised_told = hub.recognised_told
                yield renderings.contests_event()
                yield renderings.achievements_event()
            if vouched_told != hub.vouched_told:
                vouched_told = hub.vouched_told
                yield renderings.freshness_event()
