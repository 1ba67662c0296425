"""What tells the meaning of texts beside their words: none, or a model that comes in a package, the extra "text".

WordLlama holds a vector of 256 numbers for each of 32,000 pieces of words, learnt on texts of many kinds, mostly
English; a text's is the mean of its pieces'. 16 MB in the package, nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from personalize_local.models.text_meaning import TextEmbedder

NONE, WORDLLAMA = "none", "wordllama"
CHOICES = (NONE, WORDLLAMA)
TOGETHER = 64


class UnknownEmbedderError(ValueError):
    """There is no such embedder here; the message says what to do."""


class WordLlama:
    """The model that lies in the package."""

    name = WORDLLAMA

    def __init__(self) -> None:
        import wordllama

        folder = Path(wordllama.__file__).parent
        self._model: Any = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
        self.width = int(self._model.embedding.shape[1])

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Give the vectors of texts: [texts, width] float32. Texts of like length go together, which saves padding."""
        vectors = np.empty((len(texts), self.width), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for begin in range(0, len(order), TOGETHER):
            here = order[begin : begin + TOGETHER]
            vectors[here] = self._model.embed([texts[place] for place in here])
        return vectors


def check_embedder(name: str) -> str:
    """Give back the name of an embedder that is at hand.

    Errors: UnknownEmbedderError for another.
    """
    if name not in CHOICES:
        raise UnknownEmbedderError(f"There is no text embedder '{name}': choose {' or '.join(CHOICES)}.")
    if name == WORDLLAMA and find_spec("wordllama") is None:
        raise UnknownEmbedderError(
            "The text embedder 'wordllama' is not installed: install personalize-local with its extra, "
            "personalize-local[text]."
        )
    return name


def text_embedder(name: str) -> TextEmbedder | None:
    """Give an embedder by its name, loaded once in a process; None for "none".

    Errors: UnknownEmbedderError for one that is not at hand.
    """
    return _loaded(name) if check_embedder(name) != NONE else None


@cache
def _loaded(name: str) -> TextEmbedder:
    return {WORDLLAMA: WordLlama}[name]()
