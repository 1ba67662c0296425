"""Everything the API answers instead of recommendations.

ApiError
├── InvalidRequestError   400  the caller's: the message says which field and what to change
├── NoBackendError        503  nobody has named a campaign yet
├── BackendFailedError    503  Personalize did not answer, on any active backend
│   └── CallRefusedError       it answered that the call itself is wrong
├── ContentFailedError    503  the content table did not answer
└── InternalError         500  ours: logged with its trace
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


class CallRefusedError(BackendFailedError):
    """Amazon Personalize found the call itself wrong."""


class ContentFailedError(ApiError):
    """The content table failed or was too slow."""

    status = 503
    code = "ContentUnavailable"
    retry_after_s = 1


class InternalError(ApiError):
    """A fault of this API."""
