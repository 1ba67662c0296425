"""Fitting: what it learns, from nothing and from a model, by events and by content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.content import ItemContent
from personalize_local.models.query import LikelihoodRecommender, Query, Recommender
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.models.storage import save_model
from personalize_local.models.testing import RecommenderContract, hit_ratio, markov_sequences, without_last
from personalize_local.models.vocabulary import Vocabulary
from personalize_local.training.sequence.fit import TransformerFit, mean_likelihood
from personalize_local.training.sequence.settings import SequenceSettings

SMALL = SequenceSettings(
    width=16,
    inner=32,
    block_count=1,
    window=31,
    tokens_per_step=512,
    learning_rate=1e-2,
    min_tokens=30_000,
    epochs=1,
    id_dropout=0.2,
)


def fit(sequences: Sequences, content: ItemContent | None = None, **more: object) -> SequenceModel:
    """Fit a small network; settings by name, and start and validation."""
    start, validation = more.pop("start", None), more.pop("validation", None)
    settings = replace(SMALL, **more)  # type: ignore[arg-type]
    return TransformerFit(settings).fit(sequences, content, start, validation, lambda text, done: None)  # type: ignore[arg-type]


class TestSequenceModel(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit(sequences, epochs=1, min_tokens=3000)


@pytest.mark.parametrize("more", [{}, {"full_softmax_items": 10, "negatives": 512}], ids=["full", "sampled"])
def test_learns_the_chain(more: dict[str, int]) -> None:
    """Seven of ten steps follow a chain of items; as many are foretold, by the full softmax and by a sampled one."""
    sequences, cases = without_last(markov_sequences())
    model = fit(sequences, **more)
    assert isinstance(model, LikelihoodRecommender)
    assert 0.5 < hit_ratio(model, cases) < 0.85


def test_goes_on_from_a_model() -> None:
    """An epoch from a trained model is worth more than one from nothing, and starts from the same vectors."""
    sequences, cases = without_last(markov_sequences())
    trained = fit(sequences)
    queries = [TrainingQuery(query, np.array([target])) for query, target in cases]
    again = fit(sequences, start=trained, warm_epochs=1)
    anew = fit(sequences, min_tokens=0)
    assert mean_likelihood(again, queries) > mean_likelihood(anew, queries) + 0.2
    assert np.corrcoef(again.vectors[:60].ravel(), trained.vectors[:60].ravel())[0, 1] > 0.9


def test_stops_when_validation_gains_no_more() -> None:
    """The model kept is the one that foretold best, not the last one, which has learnt its users by heart."""
    sequences, cases = without_last(markov_sequences(user_count=20, on_chain=0.3))
    queries = [TrainingQuery(query, np.array([target])) for query, target in cases]
    hasty = {"learning_rate": 5e-2, "dropout": 0.0, "attention_dropout": 0.0}
    best = fit(sequences, validation=queries, patience=2, **hasty)
    last = fit(sequences, **hasty)
    assert mean_likelihood(best, queries) > mean_likelihood(last, queries)


def test_cold_items_score_by_content() -> None:
    """Readers stay with one of four subjects; of items without events, those of the reader's subject come first."""
    rng = np.random.default_rng(5)
    subject = np.arange(80) % 4
    warm = np.arange(80) < 60
    rows = np.concatenate([rng.choice(np.flatnonzero(warm & (subject == user % 4)), 15) for user in range(160)])
    sequences = sequences_of(np.repeat(np.arange(160), 15), rows, np.arange(len(rows)), 80)
    matrix = scipy.sparse.csr_matrix((np.ones(80, np.float32), (np.arange(80), subject)), (80, 4))
    model = fit(sequences, ItemContent(sparse_rows(matrix), np.full(80, np.nan)))
    for user in range(4):
        scores = model.log_scores(Query(rows[user * 15 : (user + 1) * 15], np.arange(15)))
        best = np.argsort(-scores[60:])[:5] + 60
        assert (subject[best] == user).all()
    assert not model.trained[60:].any()
    assert model.known.all()


def test_context_and_type_and_reader_count() -> None:
    """The next item is said by the context half of the time, by the reader's city otherwise; both are learnt."""
    rng = np.random.default_rng(6)
    users, length = 150, 12
    context = rng.integers(0, 2, users * length)
    city = np.repeat(np.arange(users) % 2, length)
    rows = np.where(rng.random(users * length) < 0.5, context, 2 + city)
    sequences = replace(
        sequences_of(np.repeat(np.arange(users), length), rows, np.arange(len(rows)), 4),
        event_code=rng.integers(0, 2, len(rows)).astype(np.int16),
        context_code=context[:, None].astype(np.int32),
        vocabulary=Vocabulary(("view", "like"), {"DEVICE": ("phone", "desk")}),
    )
    readers = [{"CITY": ("Rome", "Bern")[user % 2]} for user in range(users)]
    model = TransformerFit(replace(SMALL, min_tokens=100_000), readers).fit(
        sequences, None, None, None, lambda text, done: None
    )
    for device, place in (("phone", 0), ("desk", 1)):
        likely = model.scores(Query(context={"DEVICE": device}, user={"CITY": "Bern"}))
        assert likely[place] > 3 * likely[1 - place]
        assert likely[3] > 3 * likely[2]


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """With content, by sampled softmax: the same files; another seed gives others."""
    parity = scipy.sparse.csr_matrix((np.ones(62, np.float32), (np.arange(62), np.arange(62) % 2)), (62, 2))
    content = ItemContent(sparse_rows(parity), np.full(62, np.nan))
    found = []
    for number, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(number)
        folder.mkdir()
        more = {"full_softmax_items": 10, "negatives": 32, "min_tokens": 2000, "seed": seed}
        save_model(folder, fit(markov_sequences(), content, **more))
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]
    assert found[0] != found[2]
