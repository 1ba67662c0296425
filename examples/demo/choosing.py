"""Who asks, and what is read next: chosen so that the answers can be judged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from examples.demo.catalogue import Reader, Work, category_count
from examples.demo.errors import DemoError

READS_OF_A_REGULAR = (20, 32)  # enough history to judge by, short enough that three more page views count
SHARE_OF_CATEGORY = (0.2, 0.7)
NEXT_READS = 3
HABIT_WEIGHT = 5  # how much a work read of a thread takes from its novelty
FRESH_S = 4 * 86_400  # a thread's works count while they are as young as the page asks for
WORKS_OF_A_THREAD = 4  # three to read, and at least one that can be recommended then; fewer where none is so long


def choose_reader(readers: Sequence[Reader], works: Mapping[str, Work], category: str, wanted_type: str) -> Reader:
    """Choose the regular reader who read most in the category without reading nothing else, and has some left to read.

    Errors: DemoError when nobody does.
    """
    low, high = READS_OF_A_REGULAR
    regulars = [r for r in readers if low <= len(r.readings) <= high and r.visitor_type == wanted_type]
    counts = {reader.user_id: category_count(reader, works, category) for reader in regulars}
    fitting = [
        reader
        for reader in regulars
        if SHARE_OF_CATEGORY[0] <= counts[reader.user_id] / len(reader.readings) <= SHARE_OF_CATEGORY[1]
        and _open_threads(reader, works, category)
    ]
    if not fitting:
        raise DemoError(f"No reader with enough history in {category!r}: generate more events, or name one (--reader).")
    return max(fitting, key=lambda reader: (counts[reader.user_id], reader.user_id))


def find_reader(readers: Sequence[Reader], user_id: str) -> Reader:
    """Find a reader by id.

    Errors: DemoError when there is none.
    """
    for reader in readers:
        if reader.user_id == user_id:
            return reader
    raise DemoError(f"There is no reader {user_id!r} in the data: leave --reader out, and one is chosen.")


def choose_next_reads(
    reader: Reader,
    works: Mapping[str, Work],
    reader_counts: Mapping[str, int],
    category: str,
    shown: Collection[str],
) -> tuple[Work, ...]:
    """Choose works unlike the reader's habit: the beginning of a thread that is new to the reader.

    What follows it should be much read, so that something is known of it, and not be recommended yet (`shown`).
    Errors: DemoError when no thread has enough works left.
    """
    threads = _open_threads(reader, works, category)
    if not threads:
        raise DemoError(f"Nothing in {category!r} is left to read for {reader.user_id}: name another (--reader).")
    habit = Counter(works[item_id].thread for item_id in reader.item_ids if item_id in works)

    def promise(thread: str) -> float:
        follow_ups = _in_order(threads[thread], reader_counts)[_reads_of(threads[thread]) :]
        known = sum(reader_counts.get(work.item_id, 0) for work in follow_ups)
        there = sum(work.item_id in shown for work in threads[thread])
        return known / (1 + there) / (1 + HABIT_WEIGHT * habit[thread])

    best = max(threads, key=lambda thread: (promise(thread), thread))
    return tuple(_in_order(threads[best], reader_counts)[: _reads_of(threads[best])])


def _reads_of(thread: Sequence[Work]) -> int:
    """Say how many works of a thread are read: one at least is left to be recommended."""
    return min(NEXT_READS, len(thread) - 1)


def _open_threads(reader: Reader, works: Mapping[str, Work], category: str) -> dict[str, list[Work]]:
    """Give the threads with enough fresh works that the reader does not know; the longest there are, of 2 at least."""
    newest = max((work.published_epoch_s for work in works.values() if work.published_epoch_s), default=0)
    threads: dict[str, list[Work]] = defaultdict(list)
    for work in works.values():
        fresh = work.published_epoch_s is None or work.published_epoch_s > newest - FRESH_S
        if fresh and category in work.categories and not work.hidden and work.item_id not in reader.item_ids:
            threads[work.thread].append(work)
    for least in range(WORKS_OF_A_THREAD, 1, -1):  # at some hours no story is that long
        if found := {thread: members for thread, members in threads.items() if len(members) >= least}:
            return found
    return {}


def _in_order(thread: Sequence[Work], reader_counts: Mapping[str, int]) -> list[Work]:
    """Order a story by its parts, and what has no order by how well it is known."""
    return sorted(
        thread, key=lambda work: (work.published_epoch_s or 0, -reader_counts.get(work.item_id, 0), work.item_id)
    )
