"""The environment of the emulator's process, and of every Lambda worker that it starts."""

from collections.abc import Mapping

from personalize_local.cloud.settings import CloudSettings

WAIT_SCALE = 1 / 60  # a Wait of a minute takes a second
LOOPBACK = "127.0.0.1,localhost"
# Nothing of the caller's AWS set-up reaches a Lambda: its clients know the local cloud and no real credentials.
SCRUBBED_PREFIXES = ("AWS_", "LOCALSTACK_", "MINISTACK_", "LAMBDA_")
KEPT = frozenset({"AWS_CA_BUNDLE"})


def emulator_environment(settings: CloudSettings, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that MiniStack reads, laid over what may be kept of the caller's environment."""
    kept = {name: value for name, value in caller.items() if name in KEPT or not name.startswith(SCRUBBED_PREFIXES)}
    return {**kept, **_ministack_variables(settings), **loopback_variables(caller), **no_aws_variables()}


def _ministack_variables(settings: CloudSettings) -> dict[str, str]:
    folder = settings.emulator_dir
    return {
        "GATEWAY_PORT": str(settings.port),  # where Lambda workers call back: the one port of the local cloud
        "MINISTACK_HOST": "localhost",  # serves http://<api id>.execute-api.localhost:<port>/<stage>/…
        "S3_PERSIST": "1",  # objects are on disk before a put is answered
        "S3_DATA_DIR": str(folder / "s3"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),  # unpacked function code; emptied at each start
        "SFN_WAIT_SCALE": f"{WAIT_SCALE:.6f}",
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": "unix:///nonexistent",  # no containers, and it shall not look for any
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "CLOUDTRAIL_RECORDING": "0",
        "LOG_LEVEL": "INFO",
    }


def loopback_variables(caller: Mapping[str, str]) -> dict[str, str]:
    """Keep calls to the local cloud away from a proxy that the machine may have."""
    value = ",".join(filter(None, [caller.get("NO_PROXY") or caller.get("no_proxy"), LOOPBACK]))
    return {"NO_PROXY": value, "no_proxy": value}


def no_aws_variables() -> dict[str, str]:
    """Hide the caller's profiles and the network's instance credentials."""
    return {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
