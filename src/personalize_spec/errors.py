"""The errors Amazon Personalize answers with.

    PersonalizeException
    ├── InvalidInputException           the request itself is wrong: shape, value, combination
    ├── ResourceNotFoundException       a named ARN does not exist
    ├── ResourceAlreadyExistsException  the name is taken
    ├── ResourceInUseException          the resource, or one it depends on, is busy or still needed
    ├── LimitExceededException          a quota
    ├── InvalidNextTokenException       a page token that was never given out
    ├── TooManyTagsException            over 50 tags on a resource
    ├── TooManyTagKeysException         over 200 keys in one UntagResource
    ├── UnknownOperationException       no such operation
    ├── SerializationException          a body that is not the JSON of its shape
    ├── ThrottlingException             too many calls
    ├── ServiceUnavailable              not now; clients try again by themselves
    └── InternalFailure                 the service's own fault

Source: contract §1.2, §2.3.
"""

from __future__ import annotations

from typing import ClassVar


class PersonalizeException(Exception):
    """An error as it goes over the wire: AWS's code and a message that says what to change."""

    code: ClassVar[str] = "PersonalizeException"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = cls.__name__

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInputException(PersonalizeException):
    """The request is wrong in itself."""


class ResourceNotFoundException(PersonalizeException):
    """A resource named in the request does not exist in this account and region."""


class ResourceAlreadyExistsException(PersonalizeException):
    """A resource of this kind already has the name."""


class ResourceInUseException(PersonalizeException):
    """The resource is changing, or something else still needs it."""


class LimitExceededException(PersonalizeException):
    """A quota of the account, the region or the dataset group is reached."""


class InvalidNextTokenException(PersonalizeException):
    """The page token is not one the service gave out."""


class TooManyTagsException(PersonalizeException):
    """The resource would have more than 50 tags."""


class TooManyTagKeysException(PersonalizeException):
    """UntagResource names more than 200 keys."""


class UnknownOperationException(PersonalizeException):
    """No such operation."""


class SerializationException(PersonalizeException):
    """The body is not JSON, or not of the operation's shape."""


class ThrottlingException(PersonalizeException):
    """Too many calls in too short a time."""


class ServiceUnavailable(PersonalizeException):
    """The service cannot answer now, and is about to; nothing is wrong with the request."""


class InternalFailure(PersonalizeException):
    """The service failed; nothing is wrong with the request."""
