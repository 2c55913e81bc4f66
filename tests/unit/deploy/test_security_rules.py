"""What the code never does, whatever comes in."""

import ast

from pipeline.engine.faust.app import faust_app
from pipeline.engine.kafka.engine_settings import EngineSettings
from tests.unit.repository.test_repository import PACKAGES, imported, modules

SECURITY_SENSITIVE = {"pickle", "dill", "cloudpickle", "marshal", "shelve"}


def test_nothing_is_unpickled_or_evaluated() -> None:
    """No module imports a format that runs what it reads, and none calls eval or exec."""
    found = [
        (path, name)
        for package in PACKAGES
        for path, tree in modules(package)
        for name in [
            *(SECURITY_SENSITIVE & set(imported(tree))),
            *(
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
            ),
        ]
    ]

    assert found == []


def test_fausts_own_server_is_off() -> None:
    """Its web server, which shows tables and topology to anybody, is not there."""
    settings = EngineSettings(["127.0.0.1:1"], "any", lambda name: name, 1)
    app = faust_app(settings, None)  # type: ignore[arg-type]

    assert app.conf.web_enabled is False
    assert "pickle" not in (str(app.conf.key_serializer), str(app.conf.value_serializer))
