"""`python api/redrive.py --queue-url URL`: look at what could not be delivered; --again delivers it.

Failed calls are made again as they are. Records that nobody understood are put back into their stream: do that when
the function understands them. What Lambda itself gave up on (its message names the place in the shard) is read from the
stream again, while the stream still has it. All three are idempotent.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from command_line import refusals_in_one_line

BATCH = 10  # ReceiveMessage; documented
HIDDEN_S = 60
OPERATIONS = {"PutEvents": "put_events", "PutItems": "put_items"}
Client = Callable[[str], Any]


def main() -> None:
    """Parse the command line, and look or deliver."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queue-url", required=True)
    parser.add_argument("--again", action="store_true", help="deliver, and delete what arrived")
    arguments = parser.parse_args()
    with refusals_in_one_line():
        for line in redrive(boto3.client, arguments.queue_url, again=arguments.again):
            print(line)  # noqa: T201


def redrive(client: Client, queue_url: str, *, again: bool) -> Iterator[str]:
    """Go through the queue once; yield what there is to say."""
    sqs = client("sqs")
    counts: Counter[str] = Counter()
    for message in messages(sqs, queue_url):
        body = json.loads(message["Body"])
        said = describe(body)
        if again:
            try:
                deliver(client, body)
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                said = f"delivered: {said}"
            except (BotoCoreError, ClientError) as error:
                said = f"failed again ({error}): {said}"
        counts[said] += 1
    for said, count in counts.most_common():
        yield f"{count:>6}  {said}"
    yield f"{counts.total():>6}  messages"


def messages(sqs: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """Yield every message of the queue once; each is hidden from other readers for a minute."""
    seen: set[str] = set()
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN_S)
        fresh = [message for message in answer.get("Messages", ()) if message["MessageId"] not in seen]
        if not fresh:
            return
        seen.update(message["MessageId"] for message in fresh)
        yield from fresh


def describe(body: Mapping[str, Any]) -> str:
    """Say what a message is, without what is in it."""
    if "operation" in body:
        return f"{body['operation']}: {body['reason']}"
    if "KinesisBatchInfo" in body:
        return f"{body['KinesisBatchInfo']['streamArn'].rpartition('/')[2]}: given up by Lambda"
    return f"a record of {body.get('stream', 'a stream')}: {body.get('reason')}"


def deliver(client: Client, body: Mapping[str, Any]) -> None:
    """Deliver one message.

    Errors: ClientError or BotoCoreError.
    """
    if "operation" in body:
        getattr(client("personalize-events"), OPERATIONS[body["operation"]])(**body["arguments"])
    elif "KinesisBatchInfo" in body:
        put_back(client("kinesis"), body["KinesisBatchInfo"])
    else:
        data = base64.b64decode(body["record_base64"]) if "record_base64" in body else body["record"].encode()
        client("kinesis").put_record(StreamName=body["stream"], Data=data, PartitionKey=str(hash(data)))


def put_back(kinesis: Any, place: Mapping[str, Any]) -> None:
    """Read the records between two places of a shard and put them into their stream again.

    Errors: ClientError, also where the stream does not have them any more.
    """
    stream = place["streamArn"].rpartition("/")[2]
    iterator = kinesis.get_shard_iterator(
        StreamName=stream,
        ShardId=place["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=place["startSequenceNumber"],
    )["ShardIterator"]
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator)
        for record in answer["Records"]:
            kinesis.put_record(StreamName=stream, Data=record["Data"], PartitionKey=record["PartitionKey"])
            if int(record["SequenceNumber"]) >= int(place["endSequenceNumber"]):
                return
        iterator = answer.get("NextShardIterator") if answer["Records"] else None


if __name__ == "__main__":
    main()
