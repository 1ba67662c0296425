"""Two processes train what one does."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import scipy.sparse

from personalize_local.models.content import ItemContent
from personalize_local.models.query import Query
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.models.storage import load_model
from personalize_local.models.testing import markov_sequences
from personalize_local.models.vocabulary import Vocabulary
from personalize_local.training.sequence.exchange import read_training_data, write_training_data
from personalize_local.training.sequence.fit import TransformerFit
from personalize_local.training.sequence.settings import SequenceSettings

SETTINGS = SequenceSettings(width=16, inner=32, block_count=1, window=31, tokens_per_step=512, min_tokens=4000)


def test_two_processes_train_what_one_does(tmp_path: Path) -> None:
    """Each on its rows of every batch, gradients added up: the same model but for rounding."""
    sequences = markov_sequences()
    write_training_data(tmp_path / "data.npz", sequences, None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "personalize_local.training.sequence", "data.npz", "model"]
    command += ["--settings", json.dumps(asdict(SETTINGS)), "--coordinator", address, "--processes", "2", "--process"]
    with subprocess.Popen([*command, "1"], cwd=tmp_path, stderr=subprocess.PIPE) as other:
        first = subprocess.run([*command, "0"], cwd=tmp_path, stderr=subprocess.PIPE, check=False, timeout=120)
        _, error = other.communicate(timeout=60)
    assert first.returncode == 0, first.stderr.decode()
    assert other.returncode == 0, error.decode()
    two: SequenceModel = load_model(tmp_path / "model")
    one = TransformerFit(SETTINGS).fit(sequences, None, None, None, lambda text, done: None)
    query = Query(sequences.item_row[:20], sequences.epoch_s[:20])
    np.testing.assert_allclose(two.log_scores(query), one.log_scores(query), atol=2e-3)
    np.testing.assert_allclose(two.vectors, one.vectors, atol=2e-3)


def test_data_travel_unchanged(tmp_path: Path) -> None:
    """Events with types and context, and content, are read back as they were."""
    data = markov_sequences(user_count=5)
    count = len(data.item_row)
    data = replace(
        data,
        event_code=np.arange(count).astype(np.int16) % 2,
        context_code=np.zeros((count, 1), np.int32),
        vocabulary=Vocabulary(("view", "like"), {"DEVICE": ("phone",)}),
    )
    matrix = scipy.sparse.identity(data.item_count, np.float32, "csr")
    content = ItemContent(sparse_rows(matrix), np.arange(data.item_count, dtype=np.float64))
    write_training_data(tmp_path / "data.npz", data, content)
    sequences, found = read_training_data(tmp_path / "data.npz")
    assert sequences.vocabulary == data.vocabulary
    for name in ("user_start", "item_row", "epoch_s", "weight", "event_code", "context_code"):
        np.testing.assert_array_equal(getattr(sequences, name), getattr(data, name))
    assert found is not None
    np.testing.assert_array_equal(found.features.matrix().toarray(), matrix.toarray())
    np.testing.assert_array_equal(found.created_epoch_s, content.created_epoch_s)
