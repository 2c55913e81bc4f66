"""The graph as it is drawn: it says what the stages say, and the README shows the same."""

import re
from pathlib import Path

from pipeline.app import create_app
from pipeline.config.settings import Settings
from pipeline.topics.table import topics
from pipeline.views.topology import mermaid, nodes

ROOT = Path(__file__).parents[3]
GRAPH = nodes(create_app(Settings(embedded=True)).engine.stages)


def test_the_readme_shows_the_graph() -> None:
    """The picture is the one that `salespulse topology --mermaid` prints."""
    [shown] = re.findall(r"```mermaid\n(.*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)

    assert shown == mermaid(GRAPH)


def test_every_topic_is_drawn() -> None:
    """What the table of topics has, stages read, send to, or keep their state in; but the manifest of imports."""
    drawn = {node.topic for node in GRAPH} | {flow.topic for node in GRAPH for flow in node.sends}

    known = {topic.name for topic in topics(Settings()) if not topic.name.startswith("state.")}
    assert drawn == known - {"imports"}


def test_every_stage_reads_what_others_send_it() -> None:
    """Facts reach the scoreboards and parts the rollups; the organisation reaches all."""
    reads = {node.stage: node.reads for node in GRAPH}

    assert {"facts", "organisation copies"} == set(reads["scoreboard"])
    assert {"parts", "organisation copies"} == set(reads["rollup"])
    assert all("events" in reads[stage] for stage in ("org", "crm", "telephony"))
