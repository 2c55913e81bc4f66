"""A board that nobody looks at, as far as its metrics ask."""

from pipeline.views.freshness import Evidence, State, Verdict


class QuietBoard:
    """What the metrics of a board are of, before anybody has asked it for anything."""

    verdict = Verdict(State.EMPTY)
    evidence = Evidence()
    listeners = 0

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
