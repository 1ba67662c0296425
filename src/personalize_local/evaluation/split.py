"""What a method may learn from, and what it is asked afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.models.query import Query
from personalize_local.store.tables import InteractionTable

MAX_QUESTIONS = 20_000


@dataclass(frozen=True)
class Questions:
    """Histories, each with the items that came after it.

    The history of a question is a slice of the split's `histories`; relevant items lie one question after the other.
    contexts: what the request would say of its situation, the context columns of the event asked for; empty without.
    user_row is -1 for a user without interactions.
    Shapes: user_row, begin, end, now_epoch_s and contexts [questions]; relevant_start [questions + 1]; relevant_row
    [relevant], rows of the catalogue, each at most once in a question.
    """

    user_row: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    now_epoch_s: np.ndarray
    relevant_start: np.ndarray
    relevant_row: np.ndarray
    contexts: tuple[Mapping[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.user_row)

    def relevant(self, place: int) -> np.ndarray:
        """Give the relevant items of one question: [relevant] rows."""
        return self.relevant_row[self.relevant_start[place] : self.relevant_start[place + 1]]

    def question_of_relevant(self) -> np.ndarray:
        """Name the question of each relevant item: [relevant]."""
        return np.repeat(np.arange(len(self)), np.diff(self.relevant_start))

    def take(self, mask: np.ndarray, keep_relevant: np.ndarray | None = None) -> Questions:
        """Keep the questions of `mask` [questions] bool, and of their relevant items those of `keep_relevant`."""
        kept = np.repeat(mask, np.diff(self.relevant_start))
        if keep_relevant is not None:
            kept &= keep_relevant
        counts = np.bincount(self.question_of_relevant()[kept], minlength=len(self))[mask]
        return Questions(
            self.user_row[mask],
            self.begin[mask],
            self.end[mask],
            self.now_epoch_s[mask],
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            self.relevant_row[kept],
            tuple(self.contexts[place] for place in np.flatnonzero(mask)) if self.contexts else (),
        )


@dataclass(frozen=True)
class Split:
    """One division of a data set.

    Rule 1: `training` holds nothing that a question asks for, nor anything after the split's moment where it has one.
    Rule 2: both tables number users and items as the whole data does; `item_row` maps the tables' items to the
    catalogue.
    protocol names how it was divided; description says it to the reader of the results.
    Shapes: item_row [table items]; item_count counts the catalogue; user_records [users], empty without any.
    """

    protocol: str
    description: str
    training: InteractionTable
    histories: InteractionTable
    questions: Questions
    item_row: np.ndarray
    item_count: int
    seed: int
    left_out: int = 0
    user_records: tuple[Mapping[str, object], ...] = ()

    def query(self, place: int) -> Query:
        """Give one question as models are asked: rows of the catalogue, oldest first; types as the table codes them."""
        asked, here = self.questions, slice(int(self.questions.begin[place]), int(self.questions.end[place]))
        rows = self.item_row[self.histories.item_row[here]].astype(np.int32)
        last = int(rows[-1]) if len(rows) else None
        now_epoch_s = int(asked.now_epoch_s[place])
        user_row = int(asked.user_row[place])
        user = self.user_records[user_row] if self.user_records and user_row >= 0 else {}
        return Query(
            rows,
            self.histories.timestamp_epoch_s[here],
            item_row=last,
            now_epoch_s=now_epoch_s,
            history_event=self.histories.event_type[here],
            context=asked.contexts[place] if asked.contexts else {},
            user=user,
        )

    def training_counts(self) -> np.ndarray:
        """Count each item's events of training: [items]."""
        return np.bincount(self.item_row[self.training.item_row], minlength=self.item_count)


def ask(
    user_row: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    now_epoch_s: np.ndarray,
    relevant: list[np.ndarray],
    contexts: tuple[Mapping[str, str], ...] = (),
) -> Questions:
    """Put questions together; relevant holds rows of the catalogue, made unique here."""
    unique = [np.unique(rows) for rows in relevant]
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in unique])]).astype(np.int64)
    rows = np.concatenate(unique).astype(np.int64) if unique else np.empty(0, dtype=np.int64)
    return Questions(
        np.asarray(user_row), np.asarray(begin), np.asarray(end), np.asarray(now_epoch_s), start, rows, contexts
    )


def without_seen(split: Split) -> Split:
    """Leave out relevant items that the history has already, and questions for which nothing is left."""
    asked = split.questions
    fresh = np.ones(len(asked.relevant_row), dtype=bool)
    for place in range(len(asked)):
        here = slice(asked.relevant_start[place], asked.relevant_start[place + 1])
        fresh[here] = ~np.isin(asked.relevant_row[here], split.query(place).history_rows)
    left = np.bincount(asked.question_of_relevant()[fresh], minlength=len(asked)) > 0
    return replace(split, questions=asked.take(left, fresh), left_out=split.left_out + int(np.count_nonzero(~left)))


def limited(split: Split, count: int = MAX_QUESTIONS) -> Split:
    """Keep `count` questions, chosen by the seed, where there are more.

    Errors: EvaluationError when there is none.
    """
    total = len(split.questions)
    if not total:
        raise EvaluationError(
            "Nothing is left to ask: no user has both a history and something new after it. Test on a longer time "
            "(--test-days, --test-share), or keep what users have seen (--keep-seen)."
        )
    if total <= count:
        return split
    mask = np.zeros(total, dtype=bool)
    mask[np.random.default_rng(split.seed).permutation(total)[:count]] = True
    description = f"{split.description}; {count:,} of {total:,} questions, by chance"
    return replace(split, questions=split.questions.take(mask), description=description)
