"""The calls that PyTorch is asked for, by operator; and how it is asked."""
