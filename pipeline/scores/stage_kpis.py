"""The KPIs that are given by process and stage, by name: how each follows from the measures of a window."""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline import measures as m
from pipeline.scores.funnel import conversion_by_value, counted, open_stages, stage_conversion, stage_entries
from pipeline.scores.named import Named
from pipeline.scores.stage_exits import progress_by_value, stage_exits, stage_progress
from pipeline.scores.stage_times import LATEST, TOTAL, mean_times, median_times

STAGE_KPIS: Mapping[str, Callable[[Named], dict[str, Any]]] = {
    "stage_entries": lambda named: stage_entries(named.stages),
    "stage_conversion": lambda named: stage_conversion(named.stages),
    "stage_conversion_value": lambda named: conversion_by_value(named.stages),
    "stage_open": lambda named: open_stages(named.stages, named.places),
    "stage_skips": lambda named: counted(named.stages, m.STAGE_SKIPPED),
    "stage_regressions": lambda named: counted(named.stages, m.STAGE_FELL_BACK),
    "stage_reentries": lambda named: counted(named.stages, m.STAGE_CAME_BACK),
    "stage_reopens": lambda named: counted(named.stages, m.STAGE_REOPENED),
    "stage_exits": stage_exits,
    "stage_progress": stage_progress,
    "stage_progress_value": progress_by_value,
    "stage_time": lambda named: mean_times(named, LATEST),
    "stage_time_median": lambda named: median_times(named, LATEST),
    "stage_time_total": lambda named: mean_times(named, TOTAL),
    "stage_time_total_median": lambda named: median_times(named, TOTAL),
}
