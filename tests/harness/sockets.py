"""What a process listens on, from /proc: the system's own account, not the program's."""

from pathlib import Path

LISTENING = "0A"


def listening(pid: int) -> set[tuple[str, int]]:
    """Protocol and port of every TCP socket of the process that listens, and of every UDP socket it has."""
    links = {link.resolve().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    inodes = {name.removeprefix("socket:[").removesuffix("]") for name in links if name.startswith("socket:")}
    found = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]:
            fields = line.split()
            local, state, inode = fields[1], fields[3], fields[9]
            if inode in inodes and (state == LISTENING or protocol.startswith("udp")):
                found.add((protocol, int(local.rpartition(":")[2], 16)))
    return found
