class TuneError(Exception):
    """The run cannot go on; the message says why."""


class CandidateFailed(Exception):
    """A candidate cannot be used; the run goes on. `kind`: build, crash, hang or wrong results."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
