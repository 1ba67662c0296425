"""Methods to compare with: simple, well known, tuned, and run on the same split as everything else."""
