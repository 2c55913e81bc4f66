"""`salespulse topics`: create the topics, or say how they differ from what they must be."""

from typing import Annotated

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    say,
    settings_of,
    tell,
)


def topics(
    create: Annotated[bool, typer.Option("--create", help="Create missing topics.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only compare (the default).")] = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Create or check the topics of a deployment. Exits with 1 if a topic does not match."""
    if create and check:
        raise typer.BadParameter("--create and --check are mutually exclusive; --create checks afterwards")
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    from pipeline.topics.check import check_topics, create_topics

    created = create_topics(settings) if create else []
    differences = check_topics(settings)
    if as_json:
        print_json({"created": created, "differences": differences})
    else:
        for name in created:
            tell(f"created {name}")
        for line in differences:
            tell(line)
        if not differences:
            say("all topics match")
    if differences:
        end(NONE_FOUND)
