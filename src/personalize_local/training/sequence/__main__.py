"""Train the sequence layer from a file, on this machine's devices or as one of several processes.

    python -m personalize_local.training.sequence <data.npz> <model folder> [--settings JSON]
        [--coordinator HOST:PORT --processes COUNT --process NUMBER]

The package's docstring says how to start it on several machines.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.storage import save_model
from personalize_local.training.sequence.devices import Cluster, join, leads, make_mesh
from personalize_local.training.sequence.exchange import read_training_data
from personalize_local.training.sequence.fit import TransformerFit
from personalize_local.training.sequence.settings import SequenceSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write the model; of several processes the first one does."""
    options = _options(arguments)
    if options.coordinator:
        join(Cluster(options.coordinator, options.processes, options.process))
    sequences, content = read_training_data(options.data)
    fit = TransformerFit(SequenceSettings(**json.loads(options.settings)), mesh=make_mesh())
    model = fit.fit(sequences, content, None, None, _tell)
    if leads():
        _write(options.model, model)


def _write(folder: Path, model: SequenceModel) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder, model)


def _tell(text: str, done: float) -> None:
    sys.stderr.write(f"{done:4.0%} {text}\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--settings", default="{}", help="fields of SequenceSettings, as JSON")
    parser.add_argument("--coordinator", help="address of the first process, the same for all")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--process", type=int, default=0, help="0 for the first")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
