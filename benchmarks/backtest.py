"""What a backtest of a rule over 30 days of 200 reps takes, in one process and without Kafka."""

import time
from collections import defaultdict
from typing import Any

from benchmarks.sizes import Sizes
from benchmarks.words import say
from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.backtesting.trial import Question, tried_over
from pipeline.organisation.days import DAY_MS
from pipeline.scores.board_policy import BoardPolicy
from schemas import facts
from tests.quarter.company import SIZES
from tests.quarter.quarter import Quarter
from tests.quarter.run import played
from tests.quarter.stages import LogRecord

DAYS, WEEKS = 30, 5
RULES = ("silent_rep", "below_usual")
"""One that asks of each rep how long ago anything was, and the one that has most to look at."""


def run(sizes: Sizes) -> dict[str, Any]:
    """Seconds of a core for each rule, over the facts of the simulated quarter's first days."""
    logs = _logs(sizes.seed)
    rules = {}
    for rule in RULES:
        began = time.process_time()
        trials = tried_over(Question(rule), logs, BoardPolicy(), AlertPolicy())
        opened = sum(len(trial.openings(0, 2**63)) for trial in trials)
        rules[rule] = {"core_seconds": round(time.process_time() - began, 1), "alerts": opened}
        say(f"  {rule}: {rules[rule]['core_seconds']} s of a core")
    return {
        "days": DAYS,
        "reps": sum(SIZES.values()),
        "facts": sum(map(len, logs)),
        "cells": sum(_cells(record) for log in logs for record in log),
        "rules": rules,
        "most_core_seconds": max(each["core_seconds"] for each in rules.values()),
    }


def _logs(seed: int) -> list[list[LogRecord]]:
    quarter = Quarter(seed, SIZES, 1.0, WEEKS)
    until_ms = quarter.start_ms + (DAYS + 1) * DAY_MS
    logs: dict[int, list[LogRecord]] = defaultdict(list)

    def keep(number: int, record: LogRecord) -> None:
        if record.timestamp < until_ms:
            logs[number].append(record)

    played(quarter, keep=keep)
    return [logs[number] for number in sorted(logs)]


def _cells(record: LogRecord) -> int:
    if record.headers or record.value is None:
        return 0
    return sum(len(entry.cells) for entry in facts.unpack(record.value).entries)
