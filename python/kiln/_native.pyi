__version__: str

class Context:
    """How calls are carried out."""
    def __new__(cls, threads: int, accuracy: str, isa: str) -> Context: ...

def isa() -> str:
    """The instruction set that calls run here: avx2, neon, ..."""

def num_threads() -> int:
    """How many threads a call may use here."""
