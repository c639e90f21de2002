"""The schedule autotuner: docs/speed/tuning.md."""
