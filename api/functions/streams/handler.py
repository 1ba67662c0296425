"""What both stream functions do with an invocation."""

import os
from functools import cache
from typing import Any

from recommendations.emf import write_metrics
from recommendations.meters import collecting

from streams.application import build_processor
from streams.processor import Processor


@cache
def processor(kind: str) -> Processor:
    """Build the processor once per execution environment."""
    return build_processor(kind, os.environ)


def handle(kind: str, event: dict[str, Any]) -> dict[str, Any]:
    """Take one batch of Kinesis records; an exception here has Lambda send all of it again."""
    with collecting() as measurements:
        try:
            return processor(kind).process(event)
        finally:
            write_metrics(measurements)
