"""`salespulse kpis`: what is measured, and how it is defined."""

from typing import Annotated, Any

import typer

from pipeline.cli.options import NONE_FOUND, Json, end, print_json, say

WIDE = 160
"""So many columns a terminal needs for all of the table; a table that goes elsewhere has them."""


def kpis(
    names: Annotated[list[str] | None, typer.Argument(help="KPIs or families (default: all).")] = None,
    as_json: Json = False,
) -> None:
    """Show the KPIs and their definitions; with --json, or by name, what they are compared with too.

    Exits with 1 if a name is unknown.
    """
    from pipeline.scores.kpis import KPIS
    from pipeline.views.comparison_words import COMPARISONS

    wanted = set(names or [])
    rows = [definition(kpi) for kpi in KPIS]
    if wanted or as_json:  # The table of all is of figures.
        rows += [answer for number, each in sorted(COMPARISONS.items()) for answer in answers(number, each)]
    rows = [row for row in rows if not wanted or {row["name"], row["family"]} & wanted]
    if as_json:
        print_json(rows)
    elif rows:
        _print_table(rows)
    if unknown := wanted - {row["name"] for row in rows} - {row["family"] for row in rows}:
        say(f"unknown KPI or family: {', '.join(sorted(unknown))}")
        end(NONE_FOUND)


def definition(kpi: Any) -> dict[str, Any]:
    """A row of the KPI table as other programs read it; `elsewhere` is null where others are not known to differ."""
    from pipeline.scores.kpi_words import ELSEWHERE, POPULATION
    from pipeline.views.kpi_page import formula
    from pipeline.views.usual_day import has_usual_day

    return {
        "number": kpi.number,
        "name": kpi.name,
        "family": kpi.family,
        "description": kpi.description,
        "population": POPULATION[kpi.name],
        "elsewhere": ELSEWHERE.get(kpi.number),
        "formula": kpi.formula,
        "formula_in_words": formula(kpi),
        "numerator": list(kpi.numerator),
        "denominator": list(kpi.denominator),
        "left_out": list(kpi.left_out),
        "amounts": [each._asdict() for each in kpi.amounts],
        "unit": kpi.unit,
        "time_basis": kpi.basis,
        "better": kpi.better,
        "windows": kpi.where,
        "usual_whole_day": has_usual_day(kpi),
        "version": kpi.version,
        "source": kpi.source,
    }


def answers(number: int, comparison: Any) -> list[dict[str, Any]]:
    """What a comparison answers, as rows like those of KPIs. No record holds it: `windows` and `version` are null."""
    nothing: dict[str, Any] = {"numerator": [], "denominator": [], "left_out": [], "amounts": []}
    return [
        {
            "number": number,
            "name": f"{comparison.name}.{name}",
            "family": comparison.name,
            "description": answer.description,
            "population": answer.population,
            "elsewhere": comparison.elsewhere,
            "formula": "comparison",
            "formula_in_words": answer.formula,
            **nothing,
            "unit": answer.unit,
            "time_basis": answer.time_basis,
            "better": "neither",
            "windows": None,
            "usual_whole_day": False,
            "version": None,
            "source": "common practice",
        }
        for answer in comparison.answers
        for name in answer.names
    ]


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    table = Table("No.", "KPI", "What it is", "Unit", "Time basis")
    wide = console.width >= WIDE
    for title in ("Better", "Formula") if wide else ():
        table.add_column(title)
    for column in table.columns[:2]:
        column.no_wrap = True
    family = ""
    for row in rows:
        if row["family"] != family:
            family = row["family"]
            table.add_section()
        cells = (str(row["number"]), row["name"], row["description"], row["unit"], row["time_basis"])
        table.add_row(*cells, *((row["better"], row["formula_in_words"].replace("`", "")) if wide else ()))
    console.print(table)
