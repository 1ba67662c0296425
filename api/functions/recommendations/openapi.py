"""The API's OpenAPI 3.1 document, made from the tables of routes, requests and replies."""

from functools import cache
from typing import Any

from recommendations import errors
from recommendations.fields import Field
from recommendations.replies import article_schema, reply_schema
from recommendations.routes import ROUTES, Route

VERSION = "1.0.0"
GATEWAY_ERRORS = {  # what the gateway, or the server's door, answers before a request reaches the application
    "401": ("Unauthorized", "no token, or a wrong one, where tokens let in"),
    "403": ("Forbidden", "no API key or token, or a wrong one"),
    "429": ("TooManyRequests", "more than the usage plan allows: wait for Retry-After seconds"),
}
EVERY_ROUTE = (errors.InternalError,)
OF_ANSWERS = (
    errors.InvalidRequestError,
    errors.RequestTooLargeError,
    errors.NoBackendError,
    errors.BackendFailedError,
    errors.ContentFailedError,
)
OF_EVENTS = (errors.InvalidRequestError, errors.RequestTooLargeError, errors.EventsFailedError)
ERRORS = {"Recommendations": OF_ANSWERS, "Accepted": OF_EVENTS, "Health": (), "Document": ()}


@cache
def openapi_document() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "The newspaper's recommendations", "version": VERSION},
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": security_schemes()},
    }


def operation(route: Route) -> dict[str, Any]:
    """Describe one route."""
    described: dict[str, Any] = {
        "operationId": route.handler,
        "summary": route.summary,
        "responses": responses(route),
        "security": [{"key": []}, {"token": []}] if route.needs_key else [],
    }
    if route.body:
        content = {"schema": route.body(), "example": route.example}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    if route.query:
        described["parameters"] = [parameter(field) for field in route.query if field.name != "visitor_id"]
    return described


def parameter(field: Field) -> dict[str, Any]:
    """Describe a field as a query parameter."""
    schema = {"type": "integer", "minimum": 1, "maximum": 500} if field.name == "limit" else query_schema(field)
    return {
        "name": field.name,
        "in": "query",
        "required": field.required,
        "description": field.meaning,
        "schema": schema,
    }


def query_schema(field: Field) -> dict[str, Any]:
    """Describe a text of the query."""
    described = field.kind.schema(field.required)
    if "anyOf" in described:
        return next(choice for choice in described["anyOf"] if choice.get("type") == "string")
    return {**described, "type": "string"}


def responses(route: Route) -> dict[str, Any]:
    """Describe what a route answers."""
    found: dict[str, Any] = {"200": answer("as asked", route.reply)}
    if route.method == "GET" and route.reply != "Health":
        found["304"] = {"description": "the one that the caller has, by If-None-Match, is still right"}
    by_status: dict[str, list[str]] = {}
    for error in (*ERRORS[route.reply], *EVERY_ROUTE):
        by_status.setdefault(str(error.status), []).append(error.code)
    if route.needs_key:
        for status, (code, _) in GATEWAY_ERRORS.items():
            by_status.setdefault(status, []).append(code)
    for status, codes in by_status.items():
        found[status] = answer(", ".join(codes), "Error")
    return found


def answer(description: str, schema: str) -> dict[str, Any]:
    """Describe a JSON answer."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def schemas() -> dict[str, Any]:
    """Describe the shapes that are referred to."""
    text = {"type": "string"}
    codes = sorted({error.code for error in vars(errors).values() if isinstance(error, type)} | gateway_codes())
    return {
        "Article": article_schema(),
        "Recommendations": reply_schema(),
        "Accepted": an_object(accepted={"type": "integer", "minimum": 1, "maximum": 10}, request_id=text),
        "Health": an_object(
            status={"const": "ok"}, backends={"type": "integer"}, popular_articles={"type": "integer"}, version=text
        ),
        "Document": {"type": "object", "required": ["openapi", "paths"]},
        "Error": an_object(code={"enum": codes}, message=text, request_id=text),
    }


def gateway_codes() -> set[str]:
    """Return the codes of errors that never reach the application."""
    return {code for code, _ in GATEWAY_ERRORS.values()}


def an_object(**properties: Any) -> dict[str, Any]:
    """Describe an object that has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def security_schemes() -> dict[str, Any]:
    """Describe the two ways to be let in; the deployment chooses."""
    return {
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
