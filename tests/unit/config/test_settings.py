"""Settings come from what is passed in, are checked, and keep secrets to themselves."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.config.settings import PREFIX, Settings, SetupError, load_settings
from pipeline.config.settings_table import table


def test_nothing_given_means_the_defaults() -> None:
    """Without anything, the settings are the documented defaults."""
    settings = load_settings({})

    assert (settings.namespace, settings.partitions, settings.brokers) == ("salespulse", 4, "127.0.0.1:9092")
    assert (settings.activity_retention_days, settings.closed_deal_retention_days) == (35, 400)
    assert (settings.minute_pane_hours, settings.day_pane_days) == (26, 800)
    assert (settings.future_tolerance_seconds, settings.finality_hours) == (300, 24)
    assert settings.self_fence


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    """Options, environment, file, default: the first that says something decides."""
    file = tmp_path / "salespulse.toml"
    file.write_text('partitions = 2\nnamespace = "file"\ncurrency = "CHF"\n')
    env = {f"{PREFIX}SETTINGS": str(file), f"{PREFIX}NAMESPACE": "env", f"{PREFIX}PARTITIONS": "3"}

    settings = load_settings(env, partitions=5, namespace=None)

    assert (settings.partitions, settings.namespace, settings.currency) == (5, "env", "CHF")


def test_the_environment_of_the_process_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the mapping that is passed in counts."""
    monkeypatch.setenv(f"{PREFIX}PARTITIONS", "7")

    assert load_settings({}).partitions == 4


def test_an_empty_variable_is_not_set() -> None:
    """An empty variable, as compose files write it, leaves the default."""
    assert load_settings({f"{PREFIX}PARTITIONS": "", f"{PREFIX}WORKER_ID": ""}) == load_settings({})


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({"PARTITIONS": "x"}, "SALESPULSE_PARTITIONS: 'x' is not allowed; allowed: a whole number from 1 to 1024"),
        ({"PARTITIONS": "0"}, "SALESPULSE_PARTITIONS: '0' is not allowed; allowed: a whole number from 1 to 1024"),
        ({"NAMESPACE": "A b"}, "SALESPULSE_NAMESPACE: 'A b' is not allowed; allowed: a-z, 0-9 and '-', starting with"),
        ({"LOG_FORMAT": "xml"}, "SALESPULSE_LOG_FORMAT: 'xml' is not allowed; allowed: console, json"),
        ({"EMBEDDED": "maybe"}, "SALESPULSE_EMBEDDED: 'maybe' is not allowed; allowed: true or false"),
        ({"REDIS_URL": "http://:pw@h"}, "SALESPULSE_REDIS_URL: the value is not allowed; allowed: a URL that starts"),
        ({"BROKERS": "u:p@host:1"}, "SALESPULSE_BROKERS: the value is not allowed; allowed: host:port"),
        ({"PARTITONS": "4"}, "SALESPULSE_PARTITONS: no such setting; did you mean SALESPULSE_PARTITIONS?"),
        ({"SETTINGS": "/nowhere"}, "SALESPULSE_SETTINGS: cannot read /nowhere: No such file or directory"),
        ({"EMBEDDED": "true", "PARTITIONS": "8"}, "SALESPULSE_PARTITIONS: 8 is not allowed; allowed: 4, with the emb"),
    ],
)
def test_a_bad_value_gets_one_line_that_says_what_is_allowed(env: dict[str, str], line: str) -> None:
    """The line names the setting, the value where it is no secret, and what is allowed."""
    with pytest.raises(SetupError) as caught:
        load_settings({PREFIX + name: value for name, value in env.items()})

    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_bad_line_of_the_file_or_option_is_named_as_such(tmp_path: Path) -> None:
    """The message says where the value comes from: the file or the option."""
    file = tmp_path / "salespulse.toml"
    file.write_text("partitions = 0\n")
    with pytest.raises(SetupError, match=r"^partitions in .*salespulse.toml: 0 is not allowed"):
        load_settings({}, file)
    with pytest.raises(SetupError, match=r"^--health-port: 70000 is not allowed; allowed: a whole number from 0"):
        load_settings({}, health_port=70_000)
    file.write_text("partitins = 4\n")
    with pytest.raises(SetupError, match=r"^partitins in .*: no such setting"):
        load_settings({}, file)
    file.write_text("partitions 4\n")
    with pytest.raises(SetupError, match=r"^SALESPULSE_SETTINGS: .* is not TOML"):
        load_settings({}, file)


def test_a_foreign_variable_with_the_prefix_is_left_alone() -> None:
    """What Kubernetes sets for a service named salespulse is no mistake."""
    assert load_settings({f"{PREFIX}SERVICE_HOST": "10.0.0.1", f"{PREFIX}PORT": "tcp://10.0.0.1:80"}) == load_settings(
        {}
    )


def test_a_password_over_plain_text_is_refused_unless_allowed() -> None:
    """SASL_PLAINTEXT needs an explicit yes, and SASL at all a user and a password."""
    env = {
        f"{PREFIX}KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        f"{PREFIX}KAFKA_SASL_USERNAME": "worker",
        f"{PREFIX}KAFKA_SASL_PASSWORD": "hunter2",
    }
    with pytest.raises(SetupError, match="ALLOW_PLAINTEXT_CREDENTIALS=true"):
        load_settings(env)
    with pytest.raises(SetupError, match="needs SALESPULSE_KAFKA_SASL_USERNAME"):
        load_settings({f"{PREFIX}KAFKA_SECURITY_PROTOCOL": "SASL_SSL"})

    assert load_settings({**env, f"{PREFIX}ALLOW_PLAINTEXT_CREDENTIALS": "true"}).kafka_sasl_username == "worker"


def test_secrets_are_not_shown() -> None:
    """Neither the text nor the JSON of the settings holds a password, and neither does an error."""
    env = {
        f"{PREFIX}KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        f"{PREFIX}KAFKA_SASL_USERNAME": "worker",
        f"{PREFIX}KAFKA_SASL_PASSWORD": "hunter2",
        f"{PREFIX}REDIS_URL": "rediss://default:hunter2@redis.example:6380/0",
    }
    settings = load_settings(env)

    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    with pytest.raises(SetupError) as caught:
        load_settings({**env, f"{PREFIX}REDIS_URL": "hunter2", f"{PREFIX}PARTITIONS": "x"})
    assert "hunter2" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    """Settings are frozen once they are loaded."""
    with pytest.raises(ValidationError, match="frozen"):
        setattr(load_settings({}), "partitions", 8)  # noqa: B010 (mypy knows, too)


def test_every_setting_is_documented() -> None:
    """The table in docs/settings.md is the one that the settings give; each row says what it takes and what it is."""
    documented = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()

    assert "\n".join(table()) in documented
    assert all(field.description for field in Settings.model_fields.values())
