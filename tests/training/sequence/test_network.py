"""The network that trains is the network that serves, and its loss is the softmax's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.reader_words import ReaderWords
from personalize_local.models.vocabulary import Vocabulary
from personalize_local.training.sequence.batches import PADDING, READER
from personalize_local.training.sequence.conversion import Described, to_model, to_params
from personalize_local.training.sequence.network import Dropout, NoDropout, encode, item_vectors
from personalize_local.training.sequence.settings import SequenceSettings
from personalize_local.training.sequence.softmax_loss import softmax_loss

SETTINGS = SequenceSettings(width=16, inner=32, seed=3)
ROW_TOKENS = 12
WORDS = ReaderWords(("CITY=Bern", "CITY=Rome"), (), np.empty((0, 7)))


def test_serving_equals_training() -> None:
    """The answers of JAX over a packed row of two readers are those of NumPy, one reader at a time."""
    rng = np.random.default_rng(1)
    described = Described(
        features=rng.random((20, 5)).astype(np.float32),
        word_map=np.eye(5, dtype=np.float32),
        trained=np.ones(20, dtype=bool),
        vocabulary=Vocabulary(("view", "like"), {"DEVICE": ("phone", "desk"), "HOUR": ("day", "night")}),
        words=WORDS,
    )
    vectors = rng.standard_normal((20, 16)).astype(np.float32)
    params = jax.tree.map(
        lambda values: values + rng.standard_normal(values.shape).astype(np.float32) * np.float32(0.1),
        to_params(described, vectors, SETTINGS, ROW_TOKENS, rng),
    )
    batch = {
        "item": np.array([[READER, 3, 7, 7, READER, 19, 0, 4, 5, 6, 2, PADDING]], np.int32),
        "segment": np.array([[0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, PADDING]], np.int32),
        "user": np.array([[0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0]], np.int32),
        "event": np.array([[-1, 0, 1, -1, -1, 1, 1, 0, 0, 1, 0, -1]], np.int32),
        "context": np.array([[[-1, -1]] * 3 + [[0, 3]] + [[-1, -1]] * 6 + [[1, -1], [-1, -1]]], np.int32),
    }
    of_users = np.array([[1, -1], [0, -1]], np.int32)
    trained = item_vectors(params, np.arange(20), jnp.asarray(described.features), 0.0, 0)
    answers = np.asarray(
        encode(params, trained, jnp.asarray(of_users), batch, NoDropout(), SETTINGS.heads, ROW_TOKENS)
    )[0]
    model = to_model(params, described, ROW_TOKENS - 1)
    first = Query(
        np.array([3, 7, 7]),
        np.zeros(3),
        history_event=np.array([0, 1, -1]),
        context={"device": "phone", "HOUR": "night"},
        user={"CITY": "Rome"},
    )
    second = Query(
        np.array([19, 0, 4, 5, 6, 2]),
        np.zeros(6),
        history_event=np.array([1, 1, 0, 0, 1, 0]),
        context={"DEVICE": "desk", "HOUR": "noon"},
        user={"CITY": "Bern"},
    )
    np.testing.assert_allclose(model.encode(first), answers[3], atol=1e-4)
    np.testing.assert_allclose(model.encode(second), answers[10], atol=1e-4)
    np.testing.assert_allclose(model.encode(Query()), _alone(params, trained), atol=1e-4)


def test_loss_is_the_softmax() -> None:
    """Loss and gradients in chunks equal those of log softmax over everything; items without events take no part."""
    rng = np.random.default_rng(2)
    answers, items = rng.standard_normal((24, 8)), rng.standard_normal((30, 8))
    target, weight = rng.integers(0, 29, 24), rng.random(24)
    bias = np.where(np.arange(30) == 29, -1e9, 0.0)

    def chunked(answers: jax.Array, items: jax.Array) -> jax.Array:
        return softmax_loss(answers, items[target], jnp.asarray(target), weight, items, jnp.arange(30), bias)

    def plain(answers: jax.Array, items: jax.Array) -> jax.Array:
        logits = answers @ items.T + bias
        return -(weight * jax.nn.log_softmax(logits)[jnp.arange(24), target]).sum()

    arguments = [jnp.asarray(values, jnp.float32) for values in (answers, items)]
    found, found_gradients = jax.value_and_grad(chunked, (0, 1))(*arguments)
    expected, expected_gradients = jax.value_and_grad(plain, (0, 1))(*arguments)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for one, other in zip(found_gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_sampled_loss_estimates_the_softmax() -> None:
    """Negatives with the bias of their chance give the loss of all items, on average within a few per cent."""
    rng = np.random.default_rng(3)
    answers, items = (rng.standard_normal(shape).astype(np.float32) for shape in ((64, 8), (500, 8)))
    target = rng.integers(0, 500, 64)
    chance = rng.dirichlet(np.full(500, 2.0))
    drawn = rng.choice(500, 4000, p=chance)
    everything = jnp.arange(500)
    full = softmax_loss(answers, items[target], target, np.ones(64), items, everything, np.zeros(500))
    bias = -np.log(4000 * chance[drawn])
    sampled = softmax_loss(answers, items[target], target, np.ones(64), items[drawn], jnp.asarray(drawn), bias)
    assert abs(float(sampled / full) - 1.0) < 0.03


def test_dropout_does_not_depend_on_how_rows_are_shared_out() -> None:
    """Two devices with half of the rows each drop what one drops with all; about as many as asked."""
    settings = SequenceSettings(dropout=0.3)
    values = jnp.ones((8, 10, 16))
    one = Dropout(settings, jnp.uint32(5), 0).values(values)
    two = [Dropout(settings, jnp.uint32(5), shard).values(values[:4]) for shard in (0, 1)]
    np.testing.assert_array_equal(one, jnp.concatenate(two))
    assert 0.25 < float((one == 0.0).mean()) < 0.35


def _alone(params: object, vectors: jax.Array) -> np.ndarray:
    """Give the answer to a reader of whom nothing is known."""
    row = {"item": np.full((1, 1), READER, np.int32), "segment": np.zeros((1, 1), np.int32), "user": None}
    return np.asarray(
        encode(params, vectors, np.empty((1, 0), np.int32), row, NoDropout(), SETTINGS.heads, ROW_TOKENS)
    )[0, 0]
