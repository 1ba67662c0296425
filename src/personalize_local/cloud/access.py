"""Whom the server answers: everybody who reaches it, or only who signs with known credentials."""

import logging
from collections.abc import Mapping

from personalize_local.cloud.settings import CloudSettings
from personalize_local.jobs.clock import SystemClock
from personalize_local.wire.guards import Guard
from personalize_local.wire.keyring import read_keyring
from personalize_local.wire.signature import SignatureVerifier

logger = logging.getLogger(__name__)


def create_guards(
    settings: CloudSettings, environment: Mapping[str, str], own_secret: str | None = None
) -> list[Guard]:
    """Give the guards that the settings ask for; `own_secret` signs what the local cloud asks itself.

    Errors: KeyringError when signatures are required and there are no credentials.
    """
    if settings.require_signature:
        keyring = read_keyring(settings.credentials_path, environment, own_secret)
        return [SignatureVerifier(keyring, SystemClock()).check]
    if settings.host:
        logger.warning(
            "Listening on %s for anybody who can reach it. --require-signature lets only known credentials in.",
            settings.host,
        )
    return []
