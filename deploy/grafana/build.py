"""Writes the dashboards: `python -m deploy.grafana.build`. Their JSON is committed; a test says when it has drifted."""

import json
from collections.abc import Callable
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import (
    activity_against_usual,
    alerts_and_silence,
    call_queue,
    data_quality,
    deals_and_funnel,
    pipeline,
    sales_floor_live,
)

DIRECTORY = Path(__file__).parent / "dashboards"
DASHBOARDS: dict[str, Callable[[], Dashboard]] = {
    "sales-floor-live": sales_floor_live.build,
    "activity-against-usual": activity_against_usual.build,
    "call-queue": call_queue.build,
    "deals-and-funnel": deals_and_funnel.build,
    "alerts-and-silence": alerts_and_silence.build,
    "pipeline": pipeline.build,
    "data-quality": data_quality.build,
}
"""Every dashboard by the name of its file."""


def rendered(name: str) -> str:
    """A dashboard as Grafana reads it."""
    return json.dumps(DASHBOARDS[name](), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all of them."""
    DIRECTORY.mkdir(exist_ok=True)
    for name in DASHBOARDS:
        (DIRECTORY / f"{name}.json").write_text(rendered(name), encoding="utf-8")


if __name__ == "__main__":
    main()
