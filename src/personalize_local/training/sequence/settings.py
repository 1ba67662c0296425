"""What may be varied in the sequence layer."""

from __future__ import annotations

from dataclasses import dataclass

ROW_TOKENS = (64, 128, 192)  # the only lengths of a row, so that few shapes are ever compiled


@dataclass(frozen=True)
class SequenceSettings:
    """The network, and how it is trained.

    width: of a token; heads must divide it. inner: of the second half of a block. window: how many events of a history
    are looked at, 191 at most.
    epochs and warm_epochs: over the data, when training anew and when going on; fewer when max_tokens are reached
    before, more when min_tokens are not. patience: in checks without a gain, of which an epoch has one.
    full_softmax_items: catalogues above it are trained on `negatives` sampled items a step.
    id_dropout: share of items that a step knows by their content alone. unknown_share: share of tokens without their
    event type, or without their context.
    device_count: processors of this machine that share the work, None for all that JAX finds.
    Units: tokens_per_step, min_tokens and max_tokens in tokens, about one per event.
    """

    width: int = 64
    block_count: int = 2
    heads: int = 2
    inner: int = 128
    window: int = 191
    dropout: float = 0.2
    attention_dropout: float = 0.2
    learning_rate: float = 2e-3
    warm_learning_rate: float = 5e-4
    weight_decay: float = 0.01
    tokens_per_step: int = 1536
    epochs: int = 14
    warm_epochs: int = 1
    min_tokens: int = 500_000
    max_tokens: int = 50_000_000
    patience: int = 3
    full_softmax_items: int = 50_000
    negatives: int = 8192
    id_dropout: float = 0.15
    unknown_share: float = 0.15
    device_count: int | None = 1
    seed: int = 20_240_229
