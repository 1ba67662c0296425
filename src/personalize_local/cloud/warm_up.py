"""What the first answers of the runtime and the first jobs need, imported while the server answers already.

The models bring SciPy, and boto3 is large as well: together longer to import than all that Personalize starts with.
"""

import importlib
import logging
import threading

MODULES = ("personalize_local.models.storage", "boto3")

logger = logging.getLogger(__name__)


class WarmUp:
    """A part of the gateway: imports in a thread of its own. A request that comes sooner imports what it needs."""

    async def start(self) -> None:
        threading.Thread(target=_import_all, name="personalize-warm-up", daemon=True).start()

    async def stop(self) -> None:
        """Do nothing: the thread ends by itself, or with the process."""


def _import_all() -> None:
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception:
            logger.exception("%s could not be imported; what needs it will fail", name)
