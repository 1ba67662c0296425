"""The sequence layer's training: a causal transformer that foretells the next item, in JAX and Optax.

The only place that imports these; a training's worker process does so when it comes to this layer. What comes of it,
models/sequence_model.py, serves with NumPy alone. `fit.TransformerFit` is the way in.
"""
