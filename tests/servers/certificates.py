"""A certificate authority of a test's own, and the certificate of a server on the loopback."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.components import require_command

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the authority, the server's certificate and key, and both of these in one file."""

    authority: Path
    certificate: Path
    key: Path
    both: Path


def make_certificates(directory: Path) -> Certificates:
    """A new authority and a certificate of 127.0.0.1 and localhost, for two days."""
    directory.mkdir(parents=True, exist_ok=True)
    files = Certificates(*(directory / name for name in ("ca.pem", "server.pem", "server.key", "both.pem")))
    ca_key, request, names = directory / "ca.key", directory / "server.csr", directory / "names"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    _openssl("req", "-x509", *KEY, "-keyout", ca_key, "-out", files.authority, "-days", "2", "-subj", "/CN=Test CA")
    _openssl("req", *KEY, "-keyout", files.key, "-out", request, "-subj", "/CN=localhost")
    signed_by = ("-CA", files.authority, "-CAkey", ca_key, "-CAcreateserial")
    _openssl(
        "x509", "-req", "-in", request, *signed_by, "-out", files.certificate, "-days", "2", "-extfile", names
    )  # fmt: skip
    files.both.write_text(files.key.read_text() + files.certificate.read_text())
    return files


def _openssl(*arguments: str | Path) -> None:
    command = [require_command("openssl", "openssl"), *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
