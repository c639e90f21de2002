"""The schedule autotuner: docs/tuning.md."""
