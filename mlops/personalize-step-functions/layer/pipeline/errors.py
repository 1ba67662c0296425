"""The pipeline's errors. Their names are what the state machine's Retry fields match; their texts go into the mail.

PipelineError
├── TryAgainError          Personalize asks to slow down, failed itself, or does not show the resource yet
├── ResourceBusyError      something the call needs is still changing: try again in a minute
├── QuotaReachedError      a quota; those of running jobs free themselves: try again in a minute
├── NotMadeError           something the resource needs was not made
├── CallRefusedError       Personalize refused the call for good
├── ResourceConflictError  the resource exists, and differs in something that cannot be changed
├── ResourceFailedError    the resource ended in a failed state, or is being deleted
└── WaitTooLongError       the resource is not ready after the time it may take
"""

from __future__ import annotations


class PipelineError(Exception):
    """A step that could not be done; the text says what happened and what to do.

    `passes` where trying again may help.
    """

    passes = False


class TryAgainError(PipelineError):
    """Too many calls at once, the service's own fault, or a resource too new to be seen."""

    passes = True


class ResourceBusyError(PipelineError):
    """The resource, or one it depends on, is changing."""

    passes = True


class QuotaReachedError(PipelineError):
    """A quota of the account or the dataset group is reached."""

    passes = True


class NotMadeError(PipelineError):
    """What the resource refers to was not made."""


class CallRefusedError(PipelineError):
    """The call is wrong or not allowed; repeating it does not help."""


class ResourceConflictError(PipelineError):
    """The resource is there with other contents, and Personalize cannot change them."""


class ResourceFailedError(PipelineError):
    """The resource cannot become usable any more."""


class WaitTooLongError(PipelineError):
    """The resource took longer than its limit."""
