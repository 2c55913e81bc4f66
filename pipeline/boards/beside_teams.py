"""What stands beside the figures of teams, and which teams show something else there than they did."""

from pipeline.alerts.alert_evaluator import AlertEvaluator
from pipeline.alerts.team_limits import team_limits
from pipeline.organisation.copies import Change
from pipeline.organisation.industry import IndustryFigures
from pipeline.organisation.opening_today import special_day
from pipeline.organisation.organisation import Organisation
from pipeline.scores.beside import Beside
from pipeline.scores.board import Board


class BesideTeams:
    """Formed when it is asked for, as the organisation and the board's now have it."""

    def __init__(self, organisation: Organisation, board: Board, alerts: AlertEvaluator) -> None:
        self._organisation = organisation
        self._board = board
        self._alerts = alerts
        self._industry = IndustryFigures(organisation)
        self._shown: dict[str, Beside] = {}
        self._limits: dict[str, str] = {}
        """By home, as far as they were asked since they may have changed."""
        self._may_differ = True

    def organised(self, change: Change) -> None:
        """Called with every change of the organisation, once it was put."""
        self._industry.organised(change)
        self.moved()

    def moved(self) -> None:
        """Called when time alone may have changed it: a membership, a limit or a day begins."""
        self._may_differ = True
        self._limits.clear()

    def of(self, home: str) -> Beside:
        """What stands beside the figures of a team now; why a rep is absent is nobody's business who reads them."""
        team, known = home.partition(":")[2], self._board.find(home)
        return Beside(
            ranked=self._alerts.ranked(team),
            ramping=self._alerts.ramping(team),
            absent=self._alerts.absent(team),
            industry=self._industry.of(home),
            special_day=special_day(self._organisation, team, known.today) if known else "",
            limits=self._limits_of(home, team),
        )

    def take_changed(self) -> list[str]:
        """The homes that show something else than when this was asked last."""
        if not self._may_differ:
            return []
        self._may_differ = False
        before, self._shown = self._shown, {home: self.of(home) for home in self._board.homes()}
        return [home for home, shown in self._shown.items() if shown != before.get(home)]

    def _limits_of(self, home: str, team: str) -> str:
        if home not in self._limits:
            self._limits[home] = team_limits(self._organisation.alert_settings, team, self._board.now_ms)
        return self._limits[home]
