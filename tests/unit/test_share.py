"""The share of the core that publishing may take."""

import pytest

from pipeline.share import LONGEST_PAUSE_SECONDS, CoreShare


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    """A clock at zero."""
    return Watch()


def _spend(share: CoreShare, watch: Watch, seconds: float) -> None:
    with share.spending():
        watch.seconds += seconds


def test_without_work_the_interval_stands(watch: Watch) -> None:
    """Who spent nothing waits no longer than the interval."""
    assert CoreShare(0.2, watch).pause_seconds(0.05) == 0.05


def test_work_stretches_the_pause(watch: Watch) -> None:
    """After spending, the pause is as long as it takes for the work to be its share of the time."""
    share = CoreShare(0.2, watch)
    _spend(share, watch, 0.1)

    assert share.pause_seconds(0.05) == pytest.approx(0.5)


def test_time_pays_the_debt_off(watch: Watch) -> None:
    """Once the time has passed, the interval stands again."""
    share = CoreShare(0.2, watch)
    _spend(share, watch, 0.1)
    watch.seconds += 0.5

    assert share.pause_seconds(0.05) == 0.05


def test_all_publishers_share_one_debt(watch: Watch) -> None:
    """What one spends, all wait for: the share is the worker's, not the lease's."""
    share = CoreShare(0.2, watch)
    for _ in range(4):
        _spend(share, watch, 0.05)

    # The first 0.05 s were spent without a debt; while the others were, 0.15 s of it were paid off.
    assert share.pause_seconds(0.05) == pytest.approx(4 * 0.05 / 0.2 - 0.15)


def test_live_figures_do_not_wait_for_slow_ones(watch: Watch) -> None:
    """What an import costs stretches the slow interval only; what live figures cost stretches both."""
    share = CoreShare(0.2, watch)
    with share.spending(slow=True):
        watch.seconds += 0.1
    assert share.pause_seconds(0.05) == 0.05
    assert share.pause_seconds(0.05, slow=True) == pytest.approx(0.5)

    _spend(share, watch, 0.1)
    assert share.pause_seconds(0.05) == pytest.approx(0.5)
    assert share.pause_seconds(0.05, slow=True) == pytest.approx(0.9)


def test_no_pause_is_endless(watch: Watch) -> None:
    """However much was spent, figures go out every few seconds."""
    share = CoreShare(0.2, watch)
    _spend(share, watch, 100)

    assert share.pause_seconds(0.05) == LONGEST_PAUSE_SECONDS
