"""The settings as the table of docs/settings.md: `python -m pipeline.config.settings_table`."""

from collections.abc import Iterator

from pydantic import SecretStr

from pipeline.config.setting_field import takes
from pipeline.config.settings import PREFIX, Settings


def table() -> Iterator[str]:
    """The lines of a Markdown table, one setting each, in the order in which they are declared."""
    yield "| variable | default | takes | what it is |"
    yield "|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        yield f"| `{PREFIX}{name.upper()}` | {shown} | {takes(field)} | {field.description} |"


if __name__ == "__main__":
    print(*table(), sep="\n")
