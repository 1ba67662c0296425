"""Where the walk takes place: folders, port, environment of the tools."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 4566
DEFAULT_DATA_DIR = ".personalize-local"
REGION = "us-east-1"

PIPELINE_STACK = "tgam-personalize-mlops-test"
API_STACK = "tgam-personalize-api-test"
CODE_BUCKET = "sam-dev-personalize-demo"
EMAIL = "reader@example.com"
CONTENT_TABLE = "Sophi3ContentMetaData"
IMAGE_TABLE = "arc_content"

# What a reader would export to point aws and sam at the local cloud.
CLOUD_VARIABLES = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
QUIET_VARIABLES = {"AWS_PAGER": "", "SAM_CLI_TELEMETRY": "0", "AWS_CLI_AUTO_PROMPT": "off"}
# A newcomer's own AWS settings must not lead anything past the local cloud.
FOREIGN_VARIABLES = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


@dataclass(frozen=True)
class DemoSettings:
    """The local cloud's address and the folders of the walk."""

    root: Path
    port: int
    data_dir: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DemoSettings:
        """Read PERSONALIZE_LOCAL_PORT and PERSONALIZE_LOCAL_DATA_DIR.

        Errors: ValueError for a port that is none.
        """
        port = environment.get("PERSONALIZE_LOCAL_PORT") or str(DEFAULT_PORT)
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"PERSONALIZE_LOCAL_PORT must be a port from 1 to 65535, not {port!r}")
        data_dir = Path(environment.get("PERSONALIZE_LOCAL_DATA_DIR") or ROOT / DEFAULT_DATA_DIR)
        return cls(ROOT, int(port), data_dir.absolute())

    @property
    def endpoint_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def work_dir(self) -> Path:
        """The walk's own files: generated data and logs."""
        return self.data_dir / "demo"

    @property
    def log_dir(self) -> Path:
        return self.work_dir / "logs"

    @property
    def cloud_variables(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.endpoint_url, **CLOUD_VARIABLES}

    @property
    def own_variables(self) -> dict[str, str]:
        """What `make up` and `make down` need to find this cloud; nothing when it is where it is by default."""
        if (self.port, self.data_dir) == (DEFAULT_PORT, self.root / DEFAULT_DATA_DIR):
            return {}
        return {"PERSONALIZE_LOCAL_PORT": str(self.port), "PERSONALIZE_LOCAL_DATA_DIR": str(self.data_dir)}

    def tool_environment(self) -> dict[str, str]:
        """Give the environment in which aws, sam and personalize-local run."""
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
        return {
            **kept,
            **self.cloud_variables,
            **QUIET_VARIABLES,
            "PERSONALIZE_LOCAL_PORT": str(self.port),
            "PERSONALIZE_LOCAL_DATA_DIR": str(self.data_dir),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PATH": os.pathsep.join([str(self.root / ".venv-tools" / "bin"), os.environ.get("PATH", os.defpath)]),
        }
