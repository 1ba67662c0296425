"""What could not be delivered, in a queue: the call to make again, or the record that nobody understood.

A message is one of
    {"operation": "PutEvents" | "PutItems", "arguments": {…}, "reason": …}   made again as it is: replays are idempotent
    {"record": "<the record's text>", "stream": …, "reason": …}    put into the stream again, once it can be read
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MESSAGES_PER_CALL = 10  # SendMessageBatch; documented
MAX_MESSAGE_BYTES = 200_000  # of SQS's 256 KB; the rest of a record is cut, and said to be


def failed_call(operation: str, arguments: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Describe a call that Personalize did not take."""
    return {"operation": operation, "arguments": dict(arguments), "reason": reason}


def unread_record(stream: str, data: bytes, reason: str) -> dict[str, Any]:
    """Describe a record that is not what the stream should hold; bytes that are no text are kept as base64."""
    try:
        return {"stream": stream, "record": data.decode(), "reason": reason}
    except UnicodeDecodeError:
        return {"stream": stream, "record_base64": base64.b64encode(data).decode(), "reason": reason}


class DeadLetters:
    """The queue."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def put(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        """Send messages; return the positions of those that the queue did not take.

        Errors: ClientError or BotoCoreError when the queue does not answer at all.
        """
        lost: list[int] = []
        for start, batch in batched(messages):
            entries = [
                {"Id": str(start + row), "MessageBody": json.dumps(message, ensure_ascii=False)}
                for row, message in enumerate(batch)
            ]
            answer = self._sqs.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            lost += [int(entry["Id"]) for entry in answer.get("Failed", ())]
        return lost

    @property
    def exists(self) -> bool:
        """Tell whether there is a queue."""
        return bool(self._queue_url)


def batched(messages: Sequence[Mapping[str, Any]]) -> Iterable[tuple[int, list[Mapping[str, Any]]]]:
    """Cut messages into calls: ten at most, and no more bytes than a call takes."""
    batch: list[Mapping[str, Any]] = []
    size = start = 0
    for row, message in enumerate(messages):
        length = len(json.dumps(message, ensure_ascii=False).encode())
        if batch and (len(batch) == MESSAGES_PER_CALL or size + length > MAX_MESSAGE_BYTES):
            yield start, batch
            batch, size, start = [], 0, row
        batch.append(message)
        size += length
    if batch:
        yield start, batch
