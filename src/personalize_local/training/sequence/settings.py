"""What may be varied in the sequence layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ROW_TOKENS = (64, 128, 192)  # the only lengths of a row, so that few shapes are ever compiled
MAX_WINDOW = ROW_TOKENS[-1] - 1
DEFAULT_DIMENSION, DEFAULT_STEPS = 149, 32  # of the recipes' hidden_dimension and bptt
WIDTHS = (16, 128)
WIDTH_STEP = 8


@dataclass(frozen=True)
class SequenceSettings:
    """The network, and how it is trained.

    width: of a token; heads must divide it. inner: of the second half of a block. window: how many events of a history
    are looked at, 191 at most.
    epochs and warm_epochs: over the data, when training anew and when going on; fewer when max_operations are reached
    before, more when min_tokens are not. patience: in checks without a gain, of which an epoch has one.
    full_softmax_items: catalogues above it are trained on `negatives` sampled items a step.
    id_dropout: share of items that a step knows by their content alone. unknown_share: share of tokens without their
    event type, or without their context.
    Units: tokens_per_step and min_tokens in tokens, about one per event; max_operations in floating-point operations,
    1e14 of which are about half an hour of one processor of 2023.
    """

    width: int = 64
    block_count: int = 2
    heads: int = 2
    inner: int = 128
    window: int = MAX_WINDOW
    dropout: float = 0.2
    attention_dropout: float = 0.2
    learning_rate: float = 2e-3
    warm_learning_rate: float = 5e-4
    weight_decay: float = 0.01
    tokens_per_step: int = 1536
    epochs: int = 14
    warm_epochs: int = 1
    min_tokens: int = 500_000
    max_operations: float = 1e14
    patience: int = 3
    full_softmax_items: int = 50_000
    negatives: int = 8192
    id_dropout: float = 0.15
    unknown_share: float = 0.15
    seed: int = 20_240_229

    def operations_per_token(self, row_tokens: int, item_count: int) -> float:
        """Estimate what a token costs, backwards included: products with the items in play, layers, attention."""
        others = item_count if item_count <= self.full_softmax_items else self.negatives
        layers = self.block_count * (4 * self.width + 2 * self.inner + 2 * row_tokens)
        return 6.0 * self.width * (others + layers)


def recipe_settings(parameters: Mapping[str, object], seed: int) -> SequenceSettings:
    """Turn a recipe's parameters into settings, which are the defaults when those are.

    hidden_dimension scales the width, 16 to 128; bptt the window. Source: parameters contract §4.1; their effect here
    is inferred.
    """
    scale = float(str(parameters.get("hidden_dimension", DEFAULT_DIMENSION))) / DEFAULT_DIMENSION
    reach = float(str(parameters.get("bptt", DEFAULT_STEPS))) / DEFAULT_STEPS
    width = round(SequenceSettings.width * scale / WIDTH_STEP) * WIDTH_STEP
    width = min(max(width, WIDTHS[0]), WIDTHS[1])
    window = min(max(round(MAX_WINDOW * reach), 1), MAX_WINDOW)
    return SequenceSettings(width=width, inner=2 * width, window=window, seed=seed)
