"""The settings of the local cloud, and where everything lies under its data folder.

Each field names its environment variable, its option of the command line and its meaning: the command line and
docs/cli.md are held to this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PORT_VARIABLE = "PERSONALIZE_LOCAL_PORT"
DATA_DIR_VARIABLE = "PERSONALIZE_LOCAL_DATA_DIR"
DEFAULT_PORT = 4566
DEFAULT_DATA_DIR = ".personalize-local"
YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


class SettingsError(ValueError):
    """A setting holds something that cannot be used; the message says what to write instead."""


def _read_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingsError("it must be a port number from 1 to 65535")
    return int(text)


def _read_switch(text: str) -> bool:
    if text.lower() not in YES | NO:
        raise SettingsError("it must be 1 or 0")
    return text.lower() in YES


def _read_folder(text: str) -> Path:
    return Path(text).resolve()


def _read_file(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _says(variable: str, option: str, read: Callable[[str], Any], meaning: str) -> dict[str, Any]:
    return {"variable": variable, "option": option, "read": read, "meaning": meaning}


@dataclass(frozen=True)
class CloudSettings:
    """Where the local cloud listens and keeps its data, and whom it serves. Paths are absolute."""

    port: int = field(metadata=_says(PORT_VARIABLE, "--port", _read_port, f"the port to listen on ({DEFAULT_PORT})"))
    data_dir: Path = field(
        metadata=_says(
            DATA_DIR_VARIABLE, "--data-dir", _read_folder, f"the folder that keeps everything ({DEFAULT_DATA_DIR})"
        )
    )
    host: str = field(
        default="",
        metadata=_says(
            "PERSONALIZE_LOCAL_HOST",
            "--host",
            str,
            "an address of this machine to listen on beside the loopback ones, such as 0.0.0.0 for all",
        ),
    )
    alone: bool = field(
        default=False,
        metadata=_says(
            "PERSONALIZE_LOCAL_ALONE",
            "--alone",
            _read_switch,
            "Personalize only, without the emulator of the other services; S3 is the one that AWS_ENDPOINT_URL_S3 and "
            "the caller's credentials name",
        ),
    )
    require_signature: bool = field(
        default=False,
        metadata=_says(
            "PERSONALIZE_LOCAL_REQUIRE_SIGNATURE",
            "--require-signature",
            _read_switch,
            "refuse requests to Personalize that are not signed with known credentials",
        ),
    )
    credentials_path: Path | None = field(
        default=None,
        metadata=_says(
            "PERSONALIZE_LOCAL_CREDENTIALS",
            "--credentials",
            _read_file,
            "the file of known credentials, as ~/.aws/credentials; those in the environment without it",
        ),
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "CloudSettings":
        """Read the settings from environment variables; unset or empty ones have defaults.

        Errors: SettingsError naming the variable whose value cannot be used.
        """
        values: dict[str, Any] = {"port": DEFAULT_PORT, "data_dir": _read_folder(DEFAULT_DATA_DIR)}
        for entry in fields(cls):
            if text := environment.get(entry.metadata["variable"]):
                values[entry.name] = read_setting(entry.name, text, entry.metadata["variable"])
        return cls(**values)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that say the same as these settings."""
        return {entry.metadata["variable"]: _written(getattr(self, entry.name)) for entry in fields(self)}

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def log_path(self) -> Path:
        return self.data_dir / "cloud.log"

    @property
    def run_path(self) -> Path:
        """The run record: there while the local cloud runs, and after it was killed."""
        return self.data_dir / "run.json"

    @property
    def lock_path(self) -> Path:
        return self.data_dir / "cloud.lock"

    @property
    def emulator_dir(self) -> Path:
        return self.data_dir / "emulator"


def setting_metadata(name: str) -> Mapping[str, Any]:
    """Give what a field says of itself: `variable`, `option`, `read`, `meaning`."""
    return next(entry.metadata for entry in fields(CloudSettings) if entry.name == name)


def read_setting(name: str, text: str, source: str) -> Any:
    """Read a setting's value from text; `source` is the variable or option it comes from.

    Errors: SettingsError.
    """
    try:
        return setting_metadata(name)["read"](text)
    except SettingsError as error:
        raise SettingsError(f"{source} is {text!r}; {error}") from None


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)
