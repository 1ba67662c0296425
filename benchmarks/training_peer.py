"""RecTools' SASRec on the same data: runs in an environment of its own, started by benchmarks/training.py.

    python training_peer.py <data.npz> <seconds> <NDCG@10> <default|small>

`default` is the library's default configuration; `small` has the sizes of our network and the batch that learns fastest
per second here. Writes one JSON object after each epoch, until the wanted NDCG@10 is reached or another epoch would
take longer than the seconds on the clock: seconds of processor time and of the clock in training, tokens, NDCG@10 and
hit rate of the held-out events.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
import pytorch_lightning
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

CONFIGURATIONS = {
    "default": {},
    "small": {"n_factors": 64, "n_heads": 2, "session_max_len": 200, "batch_size": 16},
}
DEFAULT_LONGEST = 100  # events of a history, the library's default
MAX_EPOCHS = 200
COUNT = 10


def main(path: str, seconds: str, wanted: str, configuration: str) -> None:
    """Train epoch by epoch and measure after each, outside of the time."""
    data = np.load(path)
    pytorch_lightning.seed_everything(1)
    model = SASRecModel(**CONFIGURATIONS[configuration])
    dataset = Dataset.construct(_table(data["user"], data["item"]))
    asked = Dataset.construct(_table(data["asked_user"], data["asked_item"]))
    longest = CONFIGURATIONS[configuration].get("session_max_len", DEFAULT_LONGEST)
    epoch_tokens = int(np.minimum(np.bincount(data["user"]) - 1, longest).sum())  # older events are not trained on
    cpu_s = wall_s = 0.0
    begun = time.perf_counter()
    for epoch in range(1, MAX_EPOCHS + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        model.fit_partial(dataset, min_epochs=1, max_epochs=1)
        cpu_s, wall_s = cpu_s + time.process_time() - cpu, wall_s + time.perf_counter() - wall
        ndcg, hit_rate = _measure(model, asked, data["target"])
        row = {"tokens": epoch * epoch_tokens, "cpu_s": cpu_s, "wall_s": wall_s, "ndcg": ndcg}
        sys.stdout.write(json.dumps(row | {"hit_rate": hit_rate}) + "\n")
        sys.stdout.flush()
        elapsed = time.perf_counter() - begun
        if ndcg >= float(wanted) or elapsed * (epoch + 1) / epoch > float(seconds):
            break


def _table(users: np.ndarray, items: np.ndarray) -> pd.DataFrame:
    """Give events in the library's columns; times say their order."""
    times = pd.to_datetime(np.arange(len(users)), unit="s")
    return pd.DataFrame({Columns.User: users, Columns.Item: items, Columns.Weight: 1.0, Columns.Datetime: times})


def _measure(model: SASRecModel, asked: Dataset, target: np.ndarray) -> tuple[float, float]:
    """Ask for all users in order; rank the whole catalogue but what a user has seen."""
    users = np.arange(len(target))
    found = model.recommend(users=users, dataset=asked, k=COUNT, filter_viewed=True)
    rank = found.set_index([Columns.User, Columns.Item])[Columns.Rank]
    ranks = np.array([rank.get(pair, np.inf) for pair in zip(users, target, strict=True)], dtype=float)
    return float(np.mean(np.where(ranks <= COUNT, 1.0 / np.log2(ranks + 1.0), 0.0))), float(np.mean(ranks <= COUNT))


if __name__ == "__main__":
    main(*sys.argv[1:])
