"""Java peers: built by Maven into `.cache/<name>`, with their libraries beside them, when their source changed."""

import shutil
import subprocess
import sys
import zlib
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"


def class_path(project: Path) -> str:
    """The class path of a Maven project, which is built first where it changed."""
    folder = CACHE / project.name
    stamp, wanted = folder / "built", _sources(project)
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        libraries = (
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={folder / 'libraries'}",
        )
        command = ["mvn", "-q", "-B", "-f", str(project / "pom.xml"), f"-Dfolder={folder}", "package", *libraries]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        stamp.write_text(wanted)
    return f"{folder / 'job.jar'}:{folder / 'libraries'}/*"


def _sources(project: Path) -> str:
    files = [project / "pom.xml", *sorted((project / "src").rglob("*.java"))]
    return f"{zlib.crc32(b''.join(file.read_bytes() for file in files)):08x}"
