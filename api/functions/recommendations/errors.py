"""Everything the API answers instead of recommendations.

ApiError
├── InvalidRequestError     400  the caller's: the message says which field and what to change
├── UnknownRouteError       404  no such path
├── WrongMethodError        405  a path, and another method
├── RequestTooLargeError    413  a body over the limit
├── NoBackendError          503  nobody has named a campaign yet, and there is no list to fall back on
├── BackendFailedError      503  Personalize did not answer, and there is no list to fall back on
├── ContentFailedError      503  the content table did not answer, and no content is known from before
├── EventsFailedError       503  no event tracker or stream took the events
└── InternalError           500  ours: logged with its trace
"""


class ApiError(Exception):
    """An answer that is not a list: a status, a code for programs, a message for people."""

    status = 500
    code = "InternalError"
    retry_after_s: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequestError(ApiError):
    """The request cannot be understood; sending it again unchanged will not help."""

    status = 400
    code = "InvalidRequest"


class UnknownRouteError(ApiError):
    """There is no such path."""

    status = 404
    code = "UnknownRoute"


class WrongMethodError(ApiError):
    """The path takes other methods."""

    status = 405
    code = "WrongMethod"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"This path takes {' and '.join(allowed)} only.")
        self.allowed = allowed


class RequestTooLargeError(ApiError):
    """The body is larger than any request needs to be."""

    status = 413
    code = "RequestTooLarge"


class NoBackendError(ApiError):
    """Neither the settings table nor the stack's parameters name a campaign."""

    status = 503
    code = "NoActiveBackend"
    retry_after_s = 60


class BackendFailedError(ApiError):
    """Amazon Personalize failed or was too slow."""

    status = 503
    code = "RecommendationsUnavailable"
    retry_after_s = 1

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused  # it answered, and knows no such campaign, or not in this state


class ContentFailedError(ApiError):
    """The content table failed or was too slow."""

    status = 503
    code = "ContentUnavailable"
    retry_after_s = 1


class EventsFailedError(ApiError):
    """Nothing took the events."""

    status = 503
    code = "EventsUnavailable"
    retry_after_s = 1


class InternalError(ApiError):
    """A fault of this API."""
