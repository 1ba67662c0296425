"""A local cloud of a test's own, in processes as `make up` starts it, and stacks put into it with the real tools."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
PERSONALIZE_LOCAL = Path(sys.executable).with_name("personalize-local")
SAM = ROOT / ".venv-tools" / "bin" / "sam"
HOME = "us-east-1"


class LocalCloud:
    """One local cloud: a port, a data folder, and the environment that points every tool at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://localhost:{_free_port()}"
        mine = {"PERSONALIZE_LOCAL_PORT": self.url.rpartition(":")[2], "AWS_ENDPOINT_URL": self.url}
        mine |= {"PERSONALIZE_LOCAL_DATA_DIR": str(folder / "data"), "AWS_DEFAULT_REGION": HOME}
        mine |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "SAM_CLI_TELEMETRY": "0"}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | mine

    def up(self, **variables: str) -> None:
        """Start it, with further environment variables."""
        subprocess.run([PERSONALIZE_LOCAL, "up"], env=self.environment | variables, check=True, timeout=120)

    def down(self) -> None:
        """Stop it; everything is saved."""
        subprocess.run([PERSONALIZE_LOCAL, "down"], env=self.environment, check=True, timeout=120)

    def client(self, service: str, region: str = HOME) -> Any:
        """Give a boto3 client of a service in a region."""
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=region, endpoint_url=self.url, **keys)

    def deploy(self, project: str, stack_name: str, parameters: dict[str, str], *options: str) -> dict[str, str]:
        """Build and deploy a SAM project as its README says, with further options; give the stack's outputs."""
        build = str(self.folder / "build" / project)
        pairs = [f"ParameterKey={name},ParameterValue={value}" for name, value in parameters.items()]
        self._sam(project, "build", "--build-dir", build)
        self._sam(
            project, "deploy", "--template-file", f"{build}/template.yaml", "--config-file",
            str(ROOT / project / "samconfig.toml"), "--stack-name", stack_name, *options,
            "--parameter-overrides", *pairs,
        )  # fmt: skip
        (stack,) = self.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def _sam(self, project: str, *arguments: str) -> None:
        run = subprocess.run(
            [SAM, *arguments], cwd=ROOT / project, env=self.environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
