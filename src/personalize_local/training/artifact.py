"""A trained solution version in its folder: the model and the items its rows stand for.

The models, and SciPy with them, are imported when a model is read or written: a server answers before it has them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.models.vocabulary import Vocabulary
from personalize_local.training.content_files import load_content, save_content

if TYPE_CHECKING:
    from personalize_local.models.content import ItemContent
    from personalize_local.models.query import Recommender

ITEM_IDS = "item_ids.json"
VOCABULARY = "vocabulary.json"
CONTENT = "content"


@dataclass(frozen=True)
class Artifact:
    """A model with its catalogue, what the codes of events mean to it, and what it knows of its items, if anything.

    Shapes: item_ids [items] object str; item_row finds the row of an id.
    """

    item_ids: np.ndarray
    item_row: dict[str, int]
    model: Any
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    content: ItemContent | None = None


def save_artifact(
    folder: Path,
    model: Recommender,
    item_ids: Sequence[str] | np.ndarray,
    vocabulary: Vocabulary | None = None,
    content: ItemContent | None = None,
) -> None:
    """Write a model, its items, its vocabulary and its items' content into a folder, made when missing.

    Whoever calls makes the folder count only once it is whole (see store/artifacts.py).
    """
    from personalize_local.models.storage import save_model

    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, model)
    (folder / ITEM_IDS).write_text(json.dumps(list(item_ids), ensure_ascii=False), encoding="utf-8")
    words = asdict(vocabulary or Vocabulary())
    (folder / VOCABULARY).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    if content is not None:
        save_content(folder / CONTENT, content)


def load_artifact(folder: Path) -> Artifact:
    """Read a solution version back; large arrays are mapped, not read.

    Errors: UnreadableModelError when the folder is not whole.
    """
    from personalize_local.models.storage import UnreadableModelError, load_model

    try:
        ids = json.loads((folder / ITEM_IDS).read_text(encoding="utf-8"))
        words = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        content = load_content(folder / CONTENT)
    except (OSError, ValueError) as error:
        raise UnreadableModelError(f"{folder} cannot be read whole: {error}") from error
    context = {name: tuple(values) for name, values in words["context"].items()}
    vocabulary = Vocabulary(tuple(words["event_types"]), context)
    row_of = {item: row for row, item in enumerate(ids)}
    return Artifact(np.array(ids, dtype=object), row_of, load_model(folder), vocabulary, content)
