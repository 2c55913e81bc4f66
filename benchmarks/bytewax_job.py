"""Bytewax as a peer, in an environment of its own under `.cache/`, which pip fills the first time."""

import subprocess
import sys
from pathlib import Path

from benchmarks.maven import CACHE
from benchmarks.peer import Peer
from benchmarks.servers import Servers

REQUIREMENTS = ("bytewax[kafka]==0.21.1", "redis==8.1.0", "orjson==3.13.0")
FLOW = Path(__file__).with_name("bytewax_flow.py")
NAME = "bytewax"


def _python() -> Path:
    """The environment's interpreter."""
    folder = CACHE / NAME
    python, stamp, wanted = folder / "bin" / "python", folder / "installed", "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, stdin=subprocess.DEVNULL)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS]
        subprocess.run(install, check=True, stdin=subprocess.DEVNULL)
        stamp.write_text(wanted)
    return python


def _command(servers: Servers) -> list[str]:
    call = f"flow({NAME!r}, {servers.brokers!r}, {servers.redis_url!r})"
    return [str(_python()), "-m", "bytewax.run", f"{FLOW}:{call}"]


BYTEWAX = Peer(NAME, _command)
