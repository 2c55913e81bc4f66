"""The graph as its stages declare it: what each reads, and what it sends where; as rows, lines and a picture."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.kernel.flows import COPIES, EVENTS, FIGURES, FORWARDED, LINKS, TICKS, Flow
from pipeline.kernel.stage_spec import StageSpec

OUTSIDE = {"crm.events": "CRM", "telephony.events": "Telephony", "org.changes": "Administration"}
"""Who sends events to the source topics."""
SHOWN = "Redis · Prometheus"
"""Where figures go beside their topics."""
AROUND = (LINKS, FORWARDED, COPIES, TICKS)
"""What goes back into the logs of sources; a picture shows it dotted."""


class Node(NamedTuple):
    """One stage: its topic with all that arrives there, and what it sends."""

    stage: str
    topic: str
    reads: tuple[str, ...]
    sends: tuple[Flow, ...]


def nodes(stages: Iterable[StageSpec]) -> list[Node]:
    """Every stage, in the order given. What it reads follows from what all of them send."""
    stages = tuple(stages)
    arriving: dict[str, list[str]] = {topic: [EVENTS] for topic in OUTSIDE}
    for stage in stages:
        for what, topic in _sent(stage):
            arriving.setdefault(topic, []).append(what)
    return [
        Node(stage.name, stage.source, tuple(dict.fromkeys(arriving.get(stage.source, ()))), _sent(stage))
        for stage in stages
    ]


def _sent(stage: StageSpec) -> tuple[Flow, ...]:
    return (*stage.sends, Flow(TICKS, stage.source)) if stage.ticks else tuple(stage.sends)


def rows(graph: Sequence[Node]) -> list[dict[str, object]]:
    """The graph for programs."""
    return [
        {
            "stage": node.stage,
            "reads": {"topic": node.topic, "what": list(node.reads)},
            "sends": [{"what": what, "topic": topic} for what, topic in node.sends],
        }
        for node in graph
    ]


def lines(graph: Sequence[Node]) -> Iterable[str]:
    """The graph for a terminal: a paragraph for each stage."""
    for node in graph:
        yield f"{node.stage}"
        yield f"  reads {node.topic}: {', '.join(node.reads)}"
        for what, topics in _by_what(node).items():
            yield f"  sends {what} to {', '.join(topics)}"


def mermaid(graph: Sequence[Node]) -> str:
    """The graph as the README shows it."""
    topics = dict.fromkeys((*(node.topic for node in graph), *(flow.topic for node in graph for flow in node.sends)))
    drawn = ["flowchart LR"]
    drawn += [f"    {_id(topic)}[({topic})]" for topic in topics]
    drawn += [f"    {who} -- {EVENTS} --> {_id(topic)}" for topic, who in OUTSIDE.items()]
    drawn += [f"    {_id(node.topic)} --> {node.stage}[{node.stage} agent]" for node in graph]
    for node in graph:
        drawn += _arrows(node)
    showing = [node.stage for node in graph if any(flow.what == FIGURES for flow in node.sends)]
    drawn.append(f"    {' & '.join(showing)} -- {FIGURES} --> shown[{SHOWN}]")
    return "\n".join(drawn)


def _arrows(node: Node) -> Iterable[str]:
    """One arrow for all that goes the same way; dotted where it goes back into the logs of sources."""
    for back in (False, True):
        by_topic: dict[str, list[str]] = {}
        for what, topic in node.sends:
            if (what in AROUND) == back:
                by_topic.setdefault(topic, []).append(what)
        ways: dict[str, list[str]] = {}
        for topic, whats in by_topic.items():
            ways.setdefault(", ".join(whats), []).append(_id(topic))
        for sorts, topics in ways.items():
            yield f"    {node.stage} {f'-. {sorts} .->' if back else f'-- {sorts} -->'} {' & '.join(topics)}"


def _by_what(node: Node) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for what, topic in node.sends:
        found.setdefault(what, []).append(topic)
    return found


def _id(topic: str) -> str:
    """A name that the picture's language takes."""
    return topic.replace(".", "_").replace("-", "_")
