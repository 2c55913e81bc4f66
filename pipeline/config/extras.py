"""What only some commands need is installed only where it is asked for: the extras of the package."""

from importlib.util import find_spec

from pipeline.config.settings import SetupError


def require_extra(command: str, extra: str, module: str, package: str) -> None:
    """Called by a command before it imports what its extra brings.

    Raises:
        SetupError: where the module is not installed; one line names the extra.
    """
    if find_spec(module) is None:
        raise SetupError(f"salespulse {command} needs {package}: {install_line(extra)}")


def install_line(extra: str) -> str:
    """What installs an extra."""
    return f"pip install 'salespulse[{extra}]'"
