"""What an UPDATE goes on from: the sequence layer of the version before, and who was held out of it.

It lies beside the model in an artifact's folder: the layer as it was before it saw the newest events and the test
users. So what an update measures, and fits weights on, is as new to its layer as to that of a full training. Users are
kept by a hash of their id alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from personalize_local.models.content import ItemContent
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.models.storage import UnreadableModelError, load_model, save_model
from personalize_local.store.tables import MetadataTable
from personalize_local.training.artifact import CONTENT, ITEM_IDS
from personalize_local.training.content_files import load_content
from personalize_local.training.training_data import records_of

FOLDER = "update"
MANIFEST = "update.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Former:
    """The layer, over the catalogue that is trained on now; the newest event it saw; the hashes of the test users."""

    layer: SequenceModel
    until_epoch_s: int
    held_out: frozenset[str]

    def held_out_users(self, user_ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Find the users that the layer never saw, of those with 2 events or more: [users] bool."""
        kept = np.fromiter((name in self.held_out for name in _hashes(user_ids)), dtype=bool, count=len(user_ids))
        return kept & (lengths >= 2)


def save_former(folder: Path, layer: SequenceModel, until_epoch_s: int, held_out_ids: np.ndarray) -> None:
    """Write what the next update goes on from into an artifact's folder."""
    own = folder / FOLDER
    own.mkdir(parents=True, exist_ok=True)
    save_model(own, layer)
    told = {"until_epoch_s": until_epoch_s, "held_out": sorted(_hashes(held_out_ids))}
    (own / MANIFEST).write_text(json.dumps(told), encoding="utf-8")


def read_former(
    folder: Path | None, item_ids: np.ndarray, items: MetadataTable | None, measurable_ids: np.ndarray
) -> Former | None:
    """Read it from the artifact of the version before, over the items [items] of now.

    Items that it did not have are described by their records, in the words that it learnt from.
    None, and a line in the log, where there is no version, nothing that can be read, or none of its test users among
    those with enough events, measurable_ids: then all is trained anew.
    """
    if folder is None:
        _log.warning("UPDATE trains anew: there is no version before")
        return None
    try:
        told = json.loads((folder / FOLDER / MANIFEST).read_text(encoding="utf-8"))
        former_ids = json.loads((folder / ITEM_IDS).read_text(encoding="utf-8"))
        layer, content = load_model(folder / FOLDER), load_content(folder / CONTENT)
        until_epoch_s, held_out = int(told["until_epoch_s"]), frozenset(told["held_out"])
    except (OSError, ValueError, KeyError, TypeError, UnreadableModelError) as error:
        _log.warning("UPDATE trains anew: the version before has no sequence layer to go on from (%s)", error)
        return None
    if held_out.isdisjoint(_hashes(measurable_ids)):
        _log.warning("UPDATE trains anew: none of the users that the version before held out has events any more")
        return None
    row_of = {item: row for row, item in enumerate(former_ids)}
    old_row = np.array([row_of.get(item, -1) for item in item_ids], dtype=np.int64)
    features = _features_of_new(content, item_ids, old_row < 0, items)
    return Former(layer.with_catalogue(old_row, features), until_epoch_s, held_out)


def _features_of_new(
    content: ItemContent | None, item_ids: np.ndarray, is_new: np.ndarray, items: MetadataTable | None
) -> SparseRows | None:
    """Describe the new ones of items in the words of the version before: [items, its words], other rows are empty."""
    if items is None or content is None or content.words is None:
        return None
    records: list[dict[str, object]] = [{} for _ in item_ids]
    for row, record in zip(np.flatnonzero(is_new), records_of(items, item_ids[is_new]), strict=True):
        records[row] = record
    return content.words.features(records)


def _hashes(user_ids: Iterable[object]) -> Iterable[str]:
    return (blake2b(str(user).encode(), digest_size=8).hexdigest() for user in user_ids)
