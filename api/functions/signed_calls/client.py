"""A boto3 client some of whose operations go the short way."""

import json
import os
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.session import Session
from botocore.utils import get_environ_proxies

from signed_calls.connections import Connections
from signed_calls.operations import Operation, read_reply
from signed_calls.signature import Signer


class SignedClient:
    """Looks like the boto3 client it is made of: endpoint, region, time-outs and credentials are that client's."""

    def __init__(self, client: Any, session: Session, operations: Sequence[Operation]) -> None:
        config = client.meta.config
        self.meta = client.meta
        self.connections = Connections(
            client.meta.endpoint_url,
            connect_timeout_s=config.connect_timeout,
            read_timeout_s=config.read_timeout,
            most_kept=config.max_pool_connections,
            ca_file=session.get_config_variable("ca_bundle") or get_cert_path(True),
        )
        self._client = client
        self._credentials = session.get_credentials()
        self._signer = Signer(client.meta.service_model.signing_name, client.meta.region_name)
        self._operations = {operation.method: partial(self._call, operation) for operation in operations}

    def __getattr__(self, name: str) -> Any:
        return self._operations.get(name) or getattr(self._client, name)

    def _call(self, operation: Operation, **arguments: Any) -> dict[str, Any]:
        if self._credentials is None:
            raise NoCredentialsError
        body = json.dumps(arguments, ensure_ascii=False, separators=(",", ":")).encode()
        path = (self.connections.base_path + operation.path).rstrip("/") or "/"
        headers = {**operation.headers, "host": self.connections.host}
        signed = self._signer.sign(self._credentials.get_frozen_credentials(), path, headers, body)
        unsigned = {"user-agent": self.meta.config.user_agent, **traced()}
        return read_reply(operation, self.connections.post(path, signed | unsigned, body))


def shortened(client: Any, session: Session, operations: Sequence[Operation]) -> Any:
    """Give the short way for these operations, where there is one: proxies are botocore's business."""
    url = client.meta.endpoint_url
    proxied = urlsplit(url).scheme in (client.meta.config.proxies or get_environ_proxies(url))
    return client if proxied else SignedClient(client, session, operations)


def traced() -> dict[str, str]:
    """Give the header by which X-Ray and Lambda's recursion detection follow a call, as botocore sends it."""
    trace_id = os.environ.get("_X_AMZN_TRACE_ID", "")
    return {"x-amzn-trace-id": trace_id} if trace_id and "AWS_LAMBDA_FUNCTION_NAME" in os.environ else {}
