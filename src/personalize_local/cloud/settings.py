"""The two settings of the local cloud, and where everything lies under its data folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PORT_VARIABLE = "PERSONALIZE_LOCAL_PORT"
DATA_DIR_VARIABLE = "PERSONALIZE_LOCAL_DATA_DIR"
DEFAULT_PORT = 4566
DEFAULT_DATA_DIR = ".personalize-local"


class SettingsError(ValueError):
    """An environment variable holds something that cannot be used; the message says what to write instead."""


@dataclass(frozen=True)
class CloudSettings:
    """Where the local cloud listens and keeps its data. `data_dir` is absolute."""

    port: int
    data_dir: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "CloudSettings":
        """Read the settings from environment variables; unset or empty ones have defaults.

        Errors: SettingsError for a port that is no number from 1 to 65535.
        """
        data_dir = environment.get(DATA_DIR_VARIABLE) or DEFAULT_DATA_DIR
        return cls(
            port=_parse_port(environment.get(PORT_VARIABLE) or str(DEFAULT_PORT)), data_dir=Path(data_dir).resolve()
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that say the same as these settings."""
        return {PORT_VARIABLE: str(self.port), DATA_DIR_VARIABLE: str(self.data_dir)}

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


def _parse_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SettingsError(f"{PORT_VARIABLE} is {text!r}; it must be a port number from 1 to 65535")
    return int(text)
