"""What a change of the organisation means for the figures of a board, whichever stage it belongs to."""

from collections.abc import Iterator

from pipeline.boards import concerned_homes as concerned
from pipeline.boards.staffing import restaffed
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.recognition.achievements import Achievements
from pipeline.scores.board import Board


def reorganising(
    board: Board, achievements: Achievements, organisation: Organisation, change: Change, offset: int
) -> Iterator[int]:
    """Called once the change was put: look up what it concerns, and mark what follows from that.

    Yields, step by step, how much work that was (`load.py`): the caller lets others have their turn, and has to come to
    the end.
    """
    yield from board.refresh(organisation.currency, concerned.looked_up(change, organisation))
    redrawn, worked = concerned.calendars(change, organisation), concerned.working_days(change, organisation)
    yield from achievements.organised(change, redrawn, worked, offset)
    board.add_goals_up(concerned.above(change, organisation))
    yield from board.rescoring(concerned.scored(change, organisation))
    if staffed := restaffed(change, organisation):
        yield from board.restaffing(staffed)
    board.tell_attendance(concerned.attendances(change))
    if change.subject.startswith("process:"):
        yield from board.place(organisation.stage_places())
