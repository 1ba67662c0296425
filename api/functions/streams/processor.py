"""The path of a batch: read each record → calls of ten → Personalize; what cannot be delivered goes to the queue.

No record blocks the ones behind it, and none vanishes:
* no event or article for Personalize: skipped, and counted by the rule that says so;
* not understood, or refused by Personalize for good: to the dead-letter queue, the others go on;
* Personalize busy or down: reported to Lambda, which sends the batch again from there (halved, if it goes on), for as
  long as `patience_s`; after that to the queue too, whole. Events have ids and items replace themselves: a replay
  changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from recommendations.dead_letters import DeadLetters, failed_call, unread_record
from recommendations.delivery import Deliverer, Delivery, Undelivered
from recommendations.logs import error_code, log_event
from recommendations.meters import measure

from streams.records import MalformedError, Record, SkippedError, read_record

T = TypeVar("T")


class Outcome:
    """What becomes of a batch's records."""

    def __init__(self) -> None:
        self.retried: set[str] = set()  # sequence numbers
        self.letters: list[tuple[dict[str, Any], tuple[str, ...]]] = []  # message, the records it stands for

    def bury(self, message: dict[str, Any], sources: Iterable[str]) -> None:
        """Put a message among those for the queue."""
        self.letters.append((message, tuple(sources)))


class Processor:
    """Takes batches of one stream."""

    def __init__(
        self,
        stream: str,
        kind: str,
        *,
        read: Callable[[Record], T],
        plan: Callable[[list[T]], list[Delivery]],
        delivered: Callable[[list[T], set[str]], None],
        deliverer: Deliverer,
        dead_letters: DeadLetters,
        patience_s: float,
        now_epoch_s: Callable[[], float],
    ) -> None:
        self._stream = stream
        self._kind = kind  # Events or Items, as in the metrics' names
        self._read = read
        self._plan = plan
        self._delivered = delivered
        self._deliverer = deliverer
        self._dead_letters = dead_letters
        self._patience_s = patience_s
        self._now_epoch_s = now_epoch_s

    def process(self, event: dict[str, Any]) -> dict[str, Any]:
        """Take one batch; the answer names the records that Lambda should send again."""
        records = [read_record(entry) for entry in event["Records"]]
        outcome = Outcome()
        entries, arrived = self._understood(records, outcome)
        failed = self._deliver(entries, arrived, outcome)
        self._bury(outcome)
        self._delivered(entries, failed)
        measure(f"Success{self._kind}", len(arrived) - len(failed & arrived.keys()))
        return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(outcome.retried, key=int)]}

    def _understood(self, records: Sequence[Record], outcome: Outcome) -> tuple[list[Any], dict[str, float]]:
        """Read the records; return what they mean, and when each that means something arrived."""
        entries: list[Any] = []
        arrived: dict[str, float] = {}
        skipped: dict[str, int] = {}
        for record in records:
            try:
                entries.append(self._read(record))
                arrived[record.sequence] = record.arrived_epoch_s
            except SkippedError as reason:
                skipped[str(reason)] = skipped.get(str(reason), 0) + 1
            except MalformedError as reason:
                outcome.bury(unread_record(self._stream, record.data, str(reason)), [record.sequence])
        if skipped:
            log_event("info", "records_skipped", stream=self._stream, by_rule=skipped)
        measure(f"Skip{self._kind}", sum(skipped.values()))
        return entries, arrived

    def _deliver(self, entries: list[Any], arrived: dict[str, float], outcome: Outcome) -> set[str]:
        """Make the calls; return the records that did not arrive."""
        failed: set[str] = set()
        if entries:
            for undelivered in self._deliverer.deliver(self._plan(entries)):
                failed.update(undelivered.delivery.sources)
                self._sort(undelivered, arrived, outcome)
        return failed

    def _sort(self, undelivered: Undelivered, arrived: dict[str, float], outcome: Outcome) -> None:
        """Decide between trying again and the queue."""
        sources = undelivered.delivery.sources
        oldest = min(arrived.get(source, 0.0) for source in sources)
        if undelivered.permanent or self._now_epoch_s() - oldest >= self._patience_s:
            delivery = undelivered.delivery
            outcome.bury(failed_call(delivery.operation, delivery.arguments, undelivered.reason), sources)
        else:
            outcome.retried.update(sources)
        log_event("warning", "delivery_failed", stream=self._stream, reason=undelivered.reason, records=len(sources))

    def _bury(self, outcome: Outcome) -> None:
        """Send the queue its messages; where that fails, the records are sent again."""
        if not outcome.letters:
            return
        measure(f"Fail{self._kind}", sum(len(sources) for _, sources in outcome.letters))
        try:
            lost = self._dead_letters.put([message for message, _ in outcome.letters])
        except (BotoCoreError, ClientError) as error:
            log_event("error", "dead_letters_failed", error=error_code(error))
            lost = list(range(len(outcome.letters)))
        for row in lost:
            outcome.retried.update(outcome.letters[row][1])
