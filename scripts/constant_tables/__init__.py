"""The constant tables of generators/math: the fits, and what is fitted."""
