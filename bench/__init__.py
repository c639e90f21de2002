"""The benchmark: Kiln beside copies and the libraries that users have now. `python -m bench --help`; docs/speed/benchmark.md."""
