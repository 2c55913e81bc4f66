"""What no person writes, and a program may: each file and option that is read has one line for it, and no traceback."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.administering.document import read_document
from pipeline.cli import app
from pipeline.config.settings import Settings, SetupError, load_settings
from pipeline.importing.field_map import NO_ENCODINGS, read_field_map
from pipeline.importing.files import export_files, is_folder, is_there
from pipeline.monitoring.health import Health
from pipeline.web.serve import address_of, bind

TOML = {
    "a number without end": b"partitions = " + b"1" * 5000,
    "a number that is too long to be shown": b"partitions = 0x" + b"f" * 5000,
    "too deep": b"partitions = " + b"[" * 5000 + b"]" * 5000,
    "not UTF-8": b"partitions = \xff",
}
YAML = {
    "no letter": b'company:\n  time_zone: "\\UFFFFFFFF"',
    "a version without end": b"%YAML 1." + b"9" * 5000 + b"\n---\na: 1",
    "too deep": b"[" * 5000,
}
HALVES = {
    "value": b'company:\n  name: "\\ud800"',
    "name": b'company:\n  "\\udfff": 1',
}
NOT_ENCODINGS = (*sorted(NO_ENCODINGS), "undefined", "hex", "x" * 5000)
PATTERNS = ("a{99999999999999999999}", "(" * 3000 + ")" * 3000)


def _settings(file: Path) -> object:
    return load_settings({}, file)


@pytest.mark.parametrize("content", TOML.values(), ids=TOML)
@pytest.mark.parametrize("reads", [_settings, read_field_map], ids=["settings", "map"])
def test_toml_that_cannot_be_read_gets_one_line(
    content: bytes, reads: Callable[[Path], object], tmp_path: Path
) -> None:
    """Of settings and of field maps."""
    (tmp_path / "file.toml").write_bytes(content)
    with pytest.raises(SetupError) as told:
        reads(tmp_path / "file.toml")

    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


@pytest.mark.parametrize("content", YAML.values(), ids=YAML)
def test_yaml_that_cannot_be_read_gets_one_line(content: bytes) -> None:
    """The organisation's file is named."""
    with pytest.raises(SetupError, match=r"^org\.yaml.*no YAML"):
        read_document("org.yaml", content)


@pytest.mark.parametrize("content", HALVES.values(), ids=HALVES)
def test_half_of_a_letter_is_named_with_its_line(content: bytes) -> None:
    """No record could say it."""
    with pytest.raises(SetupError, match=r"^org\.yaml, line 2: has half of a letter"):
        read_document("org.yaml", content)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("zone = {constant = 18446744073709551616}", "must fit into 64 bits"),
        ("zone = {constant = [[-9223372036854775809]]}", "must fit into 64 bits"),
        ("zone = {constant = {a = [nan]}}", "must be finite"),
        *(
            (f"encoding = '{name}'", "unknown encoding")
            for name in (*sorted(NO_ENCODINGS), "undefined", "hex", "x" * 5000)
        ),
        ('encoding = "\\u0000"', "unknown encoding"),
        ('lookups.teams = {file = "a\\u0000b", key = "a", value = "b"}', "lookups.teams.file"),
    ],
    ids=lambda given: given[:40],
)
def test_a_map_that_says_what_no_event_can_hold_is_refused(line: str, complaint: str, tmp_path: Path) -> None:
    """In one line, before a row is read."""
    (tmp_path / "map.toml").write_text(f"source = 'crm'\n{line}\n[[event]]\ntype = 'crm.deal.changed'\n")
    with pytest.raises(SetupError, match=complaint) as told:
        read_field_map(tmp_path / "map.toml")

    assert "\n" not in str(told.value)


@pytest.mark.parametrize("names", [["a" * 5000], [f"{'a' * 300}.csv"]], ids=len)
def test_a_file_whose_name_is_too_long_cannot_be_read(names: list[str], tmp_path: Path) -> None:
    """As any other that is not there."""
    with pytest.raises(SetupError, match=r"^FILE: cannot read .*File name too long"):
        export_files([Path(name) for name in names], tmp_path)
    assert not is_there(Path(names[0]))
    assert not is_folder(Path(names[0]))


def test_a_file_whose_name_is_no_utf_8_is_named(tmp_path: Path) -> None:
    """Where the shell gave its folder alone."""
    (tmp_path / "caf\udce9.csv").write_text("id\n1\n")
    with pytest.raises(SetupError, match=r"^FILE: .*caf.udce9\.csv' is not UTF-8; rename it"):
        export_files([tmp_path], tmp_path)


@pytest.mark.parametrize("arguments", [
    ["alerts", "mute", "silent_rep:rep:7@north", "--until", "1h", "--by", "\udcff"], ["alerts", "ack", "\udcff"],
    ["import", "\udcff.csv", "--map", "map.toml"], ["send", "--namespace", "\udcff"], ["\udcff"],
], ids=ascii)  # fmt: skip
def test_an_argument_that_is_no_utf_8_gets_one_line(arguments: list[str]) -> None:
    """Whatever it is an argument of."""
    told = CliRunner().invoke(app, arguments)

    assert (told.exit_code, "is not UTF-8" in told.stderr, told.stderr.count("\n")) == (2, True, 1), told.output


@pytest.mark.parametrize("value", ["a\0b", "\udcff"], ids=ascii)
@pytest.mark.parametrize(
    "name", [name for name, field in Settings.model_fields.items() if field.annotation is not bool]
)
def test_no_setting_has_a_nul_or_other_bytes(name: str, value: str) -> None:
    """Of whatever type it is; the line tells the setting."""
    with pytest.raises(SetupError, match=f"^SALESPULSE_{name.upper()}: ") as told:
        load_settings({f"SALESPULSE_{name.upper()}": value})

    assert "\n" not in str(told.value)


@pytest.mark.parametrize("pattern", PATTERNS, ids=["repeated", "deep"])
def test_a_pattern_that_cannot_be_compiled_is_no_regular_expression(pattern: str, tmp_path: Path) -> None:
    """It is named, as any other that is none."""
    (tmp_path / "map.toml").write_text(f"source = 'crm'\nfooter = '{pattern}'\n")
    with pytest.raises(SetupError, match="is no regular expression"):
        read_field_map(tmp_path / "map.toml")


@pytest.mark.parametrize("arguments", [
    ["alerts", "mute", "silent_rep:rep:7@north", "--by", "lead-1", "--until"], ["dead-letters", "list", "--since"],
    ["simulate", "--for"], ["simulate", "--back"],
], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize("duration", ["9" * 400, "99999999999d"], ids=["endless", "long"])
def test_a_duration_of_more_than_a_hundred_years_is_refused(arguments: list[str], duration: str) -> None:
    """Nobody waits for it, and no calendar has its end."""
    told = CliRunner().invoke(app, [*arguments, duration])

    assert (told.exit_code, "is too long" in told.stderr) == (2, True), told.output


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
def test_a_redis_whose_host_is_no_name_is_a_wrong_setting(host: str) -> None:
    """Before anybody asks for its address."""
    with pytest.raises(SetupError, match=r"^SALESPULSE_REDIS_URL: "):
        load_settings({"SALESPULSE_REDIS_URL": f"redis://{host}:6379/0"})


def test_an_address_that_is_not_of_this_machine_gets_one_line() -> None:
    """Also where another port would do: another port is no other address."""
    with pytest.raises(SetupError, match=r"^--port: cannot listen at"):
        bind("203.0.113.1", 8080, or_another=True)
    for host in ("\udcff", "a..b", "a" * 64):
        with pytest.raises(SetupError, match=r"^--host: .* is no name of a host"):
            bind(host, 8080, or_another=True)


@pytest.mark.parametrize("host", ["\udcff", "a..b", "a" * 64])
def test_a_health_port_of_no_host_is_a_wrong_setting(host: str) -> None:
    """As of every server of ours."""
    with pytest.raises(SetupError, match=r"^SALESPULSE_HEALTH_HOST: .* is no name of a host"):
        Health(host, 0, alive=list, ready=list, scrapes={}).bind()


def test_an_address_of_ipv6_is_none_of_ipv4() -> None:
    """It is listened at where the machine has any, and written as browsers want it."""
    if socket.has_dualstack_ipv6():
        with bind("::1", 0) as listening:
            assert address_of(listening) == f"http://[::1]:{listening.getsockname()[1]}/"
    with pytest.raises(SetupError, match=r"^--port: cannot listen at \[2001:db8::1\]:8080: "):
        bind("2001:db8::1", 8080)


def test_a_port_that_is_taken_is_replaced_where_another_one_does() -> None:
    """And told where none does."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with bind("127.0.0.1", port, or_another=True) as other:
            assert other.getsockname()[1] != port
        with pytest.raises(SetupError, match="cannot listen"):
            bind("127.0.0.1", port)
