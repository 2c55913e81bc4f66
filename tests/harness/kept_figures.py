"""The figures of a floor as readers get them, without a Redis: the history of a scope, and who is on a board."""

from pipeline.scores.figures import Figure
from pipeline.views.asked import Asked
from pipeline.views.readings import Reading, WindowReading
from tests.findings.floor import Floor


class KeptFigures:
    """All windows of a floor's teams and reps within teams, as they stand."""

    def __init__(self, floor: Floor) -> None:
        self._stage = floor.board
        self.figures = [figure for figure in floor.taken() if figure.home.startswith("team:")]

    def history(self, scope: str, kind: str) -> Reading:
        """The windows of a kind, by id and in their order."""
        found = {figure.window: _window(figure) for figure in self.figures if figure.scope == scope}
        windows = {name: found[name] for name in Asked(kind=kind).of(found)}
        return Reading(scope, scope, "EUR", windows)

    def board(self, home: str, kind: str) -> dict[str, Reading]:
        """The present reps of a team, each with the current window of a kind; of who is in ramp it is said."""
        beside, team = self._stage.beside(home), home.partition(":")[2]
        current = {each.scope: _window(each) for each in self.figures if each.kind == kind and each.current}
        return {
            rep: Reading(scope, home, "EUR", {kind: current[scope]}, in_ramp=rep in beside.ramping)
            for rep in sorted(beside.ranked | beside.ramping)
            if (scope := f"rep:{rep}@{team}") in current
        }


def _window(figure: Figure) -> WindowReading:
    return WindowReading(figure.window, figure.state, figure.as_of_ms, dict(figure.kpis), figure.start_ms)
