"""The operations of the three APIs, read from the service models that botocore carries.

Source: botocore, service-2.json of personalize, personalize-runtime and personalize-events; contract §1.1 to §1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from botocore import xform_name
from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape

CONTROL, RUNTIME, EVENTS = "personalize", "personalize-runtime", "personalize-events"
API_NAMES = (CONTROL, RUNTIME, EVENTS)


@dataclass(frozen=True)
class Operation:
    """One operation: its API, its name on the wire, and the shapes of what goes in and out."""

    api: str
    name: str
    input_shape: Shape
    output_shape: Shape | None
    error_statuses: Mapping[str, int]

    @property
    def function_name(self) -> str:
        """The operation's name in snake case, as its handler is named."""
        return xform_name(self.name)

    @property
    def content_type(self) -> str:
        """The media type of requests and answers."""
        return "application/x-amz-json-1.1" if self.api == CONTROL else "application/json"


@cache
def service_model(api: str) -> ServiceModel:
    """Load the model of an API."""
    return ServiceModel(create_loader().load_service_model(api, "service-2"), api)


@cache
def operations() -> Mapping[str, Operation]:
    """Give every operation of the three APIs, by name."""
    return {name: _operation(api, name) for api in API_NAMES for name in service_model(api).operation_names}


@cache
def routes() -> Mapping[str, Operation]:
    """Give the operations by what a request says: an X-Amz-Target, or a method and path such as "POST /events"."""
    target_prefix = service_model(CONTROL).metadata["targetPrefix"]
    found = {}
    for operation in operations().values():
        http = service_model(operation.api).operation_model(operation.name).http
        is_control = operation.api == CONTROL
        route = f"{target_prefix}.{operation.name}" if is_control else f"{http['method']} {http['requestUri']}"
        found[route] = operation
    return found


def find_operation(method: str, path: str, headers: Mapping[str, str]) -> Operation | None:
    """Give the operation that a request is for; header names are lower case."""
    return routes().get(headers.get("x-amz-target") or f"{method} {path.rstrip('/') or '/'}")


def _operation(api: str, name: str) -> Operation:
    model = service_model(api).operation_model(name)
    statuses = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode", 400) for shape in model.error_shapes}
    return Operation(api, name, model.input_shape, model.output_shape, statuses)
