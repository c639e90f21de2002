"""The table of operators, operators.toml: read, checked, and written out in the forms that the build takes."""
