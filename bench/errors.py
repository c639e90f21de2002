class BenchError(Exception):
    """What the user can put right; the message names it. The command ends with status 2."""
