"""Who watches what no team can be given: opens and resolves alerts of the unassigned as time goes on."""

from pipeline.alerts.alert_book import AlertBook
from pipeline.alerts.rules import RULES
from pipeline.alerts.unassigned_rule import HOME, UnassignedRule
from pipeline.measures import UNASSIGNED
from pipeline.organisation.organisation import Organisation
from pipeline.scores.board import Board

UNASSIGNED_RULES = tuple(rule for rule in RULES if isinstance(rule, UnassignedRule))


class UnassignedWatch:
    """Applies the rules to the home of the unassigned, in the partition that holds it. Settings of all teams hold."""

    def __init__(self, book: AlertBook, board: Board, organisation: Organisation) -> None:
        self._book = book
        self._board = board
        self._organisation = organisation

    def minute(self, judged_ms: int, offset: int) -> None:
        """Called with every new minute that is judged."""
        for rule in UNASSIGNED_RULES:
            self._judge(rule, self._limit(rule, judged_ms), offset)

    def _limit(self, rule: UnassignedRule, judged_ms: int) -> int | None:
        """How many the rule lets pass; None where it is off, or nobody says."""
        settings = self._organisation.alert_settings
        if settings.of(rule.kind, UNASSIGNED, "enabled", judged_ms) is False:
            return None
        limit: int | None = settings.of(rule.kind, UNASSIGNED, "limit_count", judged_ms)
        return limit

    def _judge(self, rule: UnassignedRule, limit: int | None, offset: int) -> None:
        id_, now_ms = f"{rule.kind}:{HOME}", self._board.now_ms
        if limit is None:
            self._book.resolve(id_, now_ms, offset, "rule_off")
            return
        home, minute = self._board.find(HOME), self._board.minute
        if self._book.is_open(id_):
            if home is None or rule.closes(home, minute, limit):
                self._book.resolve(id_, now_ms, offset, "recovered")
        elif home is not None and (found := rule.opens(home, minute, limit)):
            self._book.open(rule, HOME, HOME, now_ms, found, offset)
