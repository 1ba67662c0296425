"""The sequence layer's training: a causal transformer that foretells the next item, in JAX and Optax.

The only place that imports these; a training's worker process does so when it comes to this layer. What comes of it,
models/sequence_model.py, serves with NumPy alone. `fit.TransformerFit` is the way in.

Growing out of one machine, off by default. On a machine with GPUs, `pip install "jax[cuda12]"`: the same code takes all
devices that JAX finds and shares out the rows of each batch. On several machines, or processes:

1. Write the data where all can read it: `exchange.write_training_data(path, sequences, content)`.
2. On each machine, with PROCESS from 0 to 3, and HOST:PORT an address of machine 0 that all reach:

       python -m personalize_local.training.sequence data.npz model \\
           --coordinator HOST:PORT --processes 4 --process PROCESS

   On a Cloud TPU pod or under Slurm the launcher starts it once per host with its number. Each process reads all data,
   makes the same batches from the same seed, and works on its rows; gradients are added up over the network.
   `--settings '{"tokens_per_step": 12288, "learning_rate": 0.004}'` suits many devices.
3. Process 0 writes the model's folder: `models.storage.load_model` reads it, and `TransformerFit.fit` goes on from it.

The result is that of one process but for rounding: tests/training/sequence/test_cluster.py holds two to it.
"""
