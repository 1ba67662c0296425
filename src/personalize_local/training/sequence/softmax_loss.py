"""Cross-entropy over the catalogue, or over sampled items, without ever holding tokens × items numbers.

Tokens go through in chunks. Each chunk's gradient is computed with its loss, for by then it is known: three matrix
products instead of the four that recomputing takes, and nothing to keep but the gradients themselves.

The likelihood of a target is exp(own) / (exp(own) + Σ exp(other + bias)), the sum going over the others that are not
the target itself. With all items as others and no bias that is the softmax. With others drawn n times with probability
q, and bias -log(n q), the sum is an unbiased estimate of the same (logQ correction).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

CHUNK_VALUES = 2_000_000  # 8 MB of float32: what fits in a processor's cache, nearly
MAX_CHUNK = 512


@jax.custom_vjp
def softmax_loss(
    answers: jax.Array,
    targets: jax.Array,
    target_ids: jax.Array,
    weights: jax.Array,
    others: jax.Array,
    other_ids: jax.Array,
    bias: jax.Array,
) -> jax.Array:
    """Add up the weighted negative log likelihood of the targets.

    Shapes: answers and targets [tokens, width]; target_ids and weights [tokens]; others [others, width]; other_ids and
    bias [others].
    """
    return _forward(answers, targets, target_ids, weights, others, other_ids, bias)[0]


def _forward(*arguments: jax.Array) -> tuple[jax.Array, Any]:
    """Compute the loss and its gradients by answers, targets and others."""
    answers, targets, target_ids, weights, others, other_ids, bias = arguments
    chunk = chunk_tokens(len(answers), len(others))
    per_token = tuple(part.reshape(-1, chunk, *part.shape[1:]) for part in (answers, targets, target_ids, weights))

    def one(by_others: jax.Array, tokens: Any) -> tuple[jax.Array, Any]:
        answer, target, target_id, weight = tokens
        logits = answer @ others.T + bias  # [chunk, others]
        logits = jnp.where(target_id[:, None] == other_ids[None, :], -jnp.inf, logits)
        own = (answer * target).sum(axis=1)
        top = jnp.maximum(logits.max(axis=1), own)
        shares = jnp.exp(logits - top[:, None])
        own_share = jnp.exp(own - top)
        total = shares.sum(axis=1) + own_share
        loss = (weight * (top + jnp.log(total) - own)).sum()
        size = (weight / total)[:, None]
        missing = weight[:, None] * (own_share / total - 1.0)[:, None]  # gradient by the target's logit
        by_answer = (shares @ others) * size + missing * target
        return by_others + shares.T @ (answer * size), (loss, by_answer, missing * answer)

    by_others, (loss, by_answers, by_targets) = jax.lax.scan(one, jnp.zeros_like(others), per_token)
    return loss.sum(), (by_answers.reshape(answers.shape), by_targets.reshape(targets.shape), by_others)


def _backward(gradients: Any, scale: jax.Array) -> tuple[Any, ...]:
    by_answers, by_targets, by_others = gradients
    return scale * by_answers, scale * by_targets, None, None, scale * by_others, None, None


softmax_loss.defvjp(_forward, _backward)


def chunk_tokens(token_count: int, other_count: int) -> int:
    """Give the largest part of the tokens, all parts being equal, that keeps tokens × others within bounds."""
    limit = max(16, min(MAX_CHUNK, CHUNK_VALUES // max(other_count, 1)))
    return next(size for size in range(min(limit, token_count), 0, -1) if token_count % size == 0)
