"""Amazon Personalize as a target of Step Functions' SDK integrations: `arn:aws:states:::aws-sdk:personalize:…`,
`…:personalizeruntime:…` and `…:personalizeevents:…`.

MiniStack hands such a task to a handler of its own process; ours asks the gateway, as a Lambda would.
"""

import asyncio
import http.client
import json
import os
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from personalize_local.cloud.emulator.names import private

SIGNED_AS = "personalize"
# Far longer than any control plane call takes; one that hangs fails its task instead of holding the execution for ever.
TIMEOUT_S = 60.0

# The service in a task's ARN → botocore's name of it; and what errors begin with. Source: documented.
SERVICES: Mapping[str, str] = {
    "personalize": "personalize",
    "personalizeruntime": "personalize-runtime",
    "personalizeevents": "personalize-events",
}
ERROR_PREFIXES: Mapping[str, str] = {
    "personalize": "Personalize",
    "personalizeruntime": "PersonalizeRuntime",
    "personalizeevents": "PersonalizeEvents",
}
TARGET_PREFIX = "AmazonPersonalize"
# The operations that have a path of their own; the others are told by their target.
PATHS: Mapping[str, str] = {
    "GetRecommendations": "/recommendations",
    "GetPersonalizedRanking": "/personalize-ranking",
    "GetActionRecommendations": "/action-recommendations",
    "PutEvents": "/events",
    "PutItems": "/items",
    "PutUsers": "/users",
    "PutActions": "/actions",
    "PutActionInteractions": "/action-interactions",
}

Answer = tuple[int, dict[str, str], bytes]


class PersonalizeCalls:
    """The handler behind `aws-sdk:personalize…:*`, calling the gateway at `port`."""

    def __init__(self, port: int) -> None:
        self._port = port

    def install(self) -> None:
        """Register with MiniStack's dispatcher: its table of JSON services, error names and handlers."""
        for name, service in SERVICES.items():
            private("ministack.services.stepfunctions:_AWS_SDK_SERVICE_MAP")[name] = {
                "target_prefix": TARGET_PREFIX,
                "protocol": "json",
                "service_key": service,
            }
            private("ministack.services.stepfunctions:_AWS_SDK_ERROR_PREFIX")[name] = ERROR_PREFIXES[name]
            private("ministack.app:SERVICE_HANDLERS")[service] = self.handle

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: str | bytes, query_params: Mapping[str, object]
    ) -> Answer:
        """Answer as MiniStack's service handlers do: status, headers, body."""
        account_id = private("ministack.core.responses:get_account_id")()
        region = private("ministack.core.responses:get_region")()
        signer = SigV4Auth(Credentials(account_id, os.environ.get("AWS_SECRET_ACCESS_KEY", "test")), SIGNED_AS, region)
        return await asyncio.to_thread(self._call, headers["x-amz-target"], signer, body)

    def _call(self, target: str, signer: SigV4Auth, body: str | bytes) -> Answer:
        path = PATHS.get(target.removeprefix(f"{TARGET_PREFIX}."), "/")
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
        if path != "/":
            headers = {"content-type": "application/json"}
        request = AWSRequest("POST", f"http://127.0.0.1:{self._port}{path}", headers=headers, data=body)
        signer.add_auth(request)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", path, body, dict(request.headers.items()))
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        return response.status, {}, answer if response.status < 400 else _short_type(answer)


def _short_type(error: bytes) -> bytes:
    """Take the namespace off an error's type, as Step Functions does: `Personalize.ResourceNotFoundException`."""
    body = json.loads(error)
    return json.dumps({**body, "__type": str(body.get("__type", "InternalFailure")).rpartition("#")[2]}).encode()
