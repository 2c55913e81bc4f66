"""The description of the API: each path of it, and references that lead somewhere."""

import json

from starlette.routing import Route

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.web.description import description
from pipeline.web.page import create_page
from tests.unit.web.floor import Floor

SELF = "/api/v1/openapi.json"


def test_every_path_of_the_api_is_described() -> None:
    """A path that is added is described with it; the description itself is none."""
    page = create_page(Floor(1).hub(), AllowedHosts.of(None))
    served = {route.path for route in page.routes if isinstance(route, Route)}

    assert {*description()["paths"], SELF} == {path for path in served if path.startswith("/api/v1/")}


def test_every_reference_leads_somewhere() -> None:
    """Models are named once, those of KPI records among them, and say what each of their fields is."""
    models = description()["components"]["schemas"]
    text = json.dumps(description())
    named = {each.partition('"')[0] for each in text.split('"#/components/schemas/')[1:]}
    fields = {(of, name): said for of, model in models.items() for name, said in model.get("properties", {}).items()}

    assert named <= models.keys()
    assert "#/$defs" not in text
    assert [place for place, said in fields.items() if not said.keys() & {"description", "$ref"}] == []
    assert models["Kpis"]["properties"]["bookings"]["unit"] == "minor"
