"""The benchmark: Kiln beside copies and the libraries that users have now. `python3 -m bench --help`; docs/speed/benchmark.md."""
