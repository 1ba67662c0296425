"""The access keys whose signatures count: from a file as AWS's tools write it, or from the environment."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_ACCOUNT_ID = re.compile(r"\d{12}")
_MEMBERS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


class KeyringError(ValueError):
    """There are no credentials to compare with; the message says where they are looked for."""


@dataclass(frozen=True)
class Credentials:
    """An access key with its secret, and the session token that has to come with it, if any."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        """Name the key only: secrets stay out of logs and traces."""
        return f"Credentials({self.access_key_id!r})"


class Keyring:
    """Credentials by access key.

    With `own_secret` the local cloud signs what it asks itself: its Lambda functions and state machines, whose access
    key is the id of their account.
    """

    def __init__(self, credentials: Iterable[Credentials], own_secret: str | None = None) -> None:
        self._by_key = {each.access_key_id: each for each in credentials}
        self.own_secret = own_secret

    def find(self, access_key_id: str) -> Credentials | None:
        """Give the credentials of an access key."""
        known = self._by_key.get(access_key_id)
        if known is None and self.own_secret is not None and _ACCOUNT_ID.fullmatch(access_key_id):
            return Credentials(access_key_id, self.own_secret)
        return known


def read_keyring(path: Path | None, environment: Mapping[str, str], own_secret: str | None = None) -> Keyring:
    """Read a credentials file, every profile of it; without one, the credentials in the environment.

    Errors: KeyringError.
    """
    if path is not None:
        return Keyring(_read_file(path), own_secret)
    values = [environment.get(name.upper()) for name in _MEMBERS]
    if not (values[0] and values[1]):
        raise KeyringError(
            "There are no credentials to verify signatures with: name a file of them (--credentials, "
            "PERSONALIZE_LOCAL_CREDENTIALS), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    return Keyring([Credentials(values[0], values[1], values[2] or None)], own_secret)


def _read_file(path: Path) -> list[Credentials]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyringError(f"The credentials file {path} cannot be read: {error.strerror}.") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise KeyringError(f"The credentials file {path} is not one of profiles: {error}.") from error
    found = [_profile(parser[name], name, path) for name in parser.sections()]
    if not found:
        raise KeyringError(f"The credentials file {path} has no profiles.")
    return found


def _profile(section: Mapping[str, str], name: str, path: Path) -> Credentials:
    absent = [member for member in _MEMBERS[:2] if not section.get(member)]
    if absent:
        raise KeyringError(f"The profile {name} of the credentials file {path} lacks {' and '.join(absent)}.")
    return Credentials(*(section.get(member) or None for member in _MEMBERS))  # type: ignore[arg-type]
