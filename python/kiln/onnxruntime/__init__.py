"""Kiln as an execution provider of ONNX Runtime.

    import onnxruntime
    import kiln.onnxruntime

    session = onnxruntime.InferenceSession("model.onnx", providers=["KilnExecutionProvider", "CPUExecutionProvider"])

The import makes the provider known to ONNX Runtime. A session that names it runs on Kiln what Kiln computes to ONNX's
meaning, and leaves the rest to the providers that follow. session() here makes such a session and says what is wrong
with an option; nodes() says what Kiln took.
"""
import pathlib
import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

__all__ = ["LIBRARY", "NAME", "Node", "nodes", "session"]

#: The provider's name among a session's providers.
NAME = "KilnExecutionProvider"

_OLDEST = (1, 25)  # the first whose sessions take a library's provider by its name
#: The library that ONNX Runtime loads, for apps that register it by themselves.
LIBRARY = pathlib.Path(__file__).absolute().parent / "libkiln_onnxruntime.so"
_RECORD = "session.record_ep_graph_assignment_info"
_PREFIX = "Kiln: option "

try:
    import onnxruntime as _ort
except ImportError as error:
    raise ImportError(f"kiln.onnxruntime needs onnxruntime {'.'.join(map(str, _OLDEST))} or later: {error}") from error

_lock = threading.Lock()


class Node(NamedTuple):
    """A node of a model: its name, ONNX's operator, and the number of the group that it runs in. Nodes of one group run
    as one: a pattern that Kiln computes by one operator."""

    name: str
    op_type: str
    group: int


def _register() -> None:
    """Once a process, and not where somebody has registered the library under this name before."""
    if tuple(int(part) for part in _ort.__version__.split(".")[:2]) < _OLDEST:
        raise ImportError(f"kiln.onnxruntime needs onnxruntime {'.'.join(map(str, _OLDEST))} or later, "
                          f"this is {_ort.__version__}")
    with _lock:
        if not any(device.ep_name == NAME for device in _ort.get_ep_devices()):
            _ort.register_execution_provider_library(NAME, str(LIBRARY))


def session(model: Any, sess_options: "_ort.SessionOptions | None" = None,
            providers: Sequence[str | tuple[str, dict]] = (NAME, "CPUExecutionProvider"), *, accuracy: str = "exact",
            threads: int | None = None, isa: str | None = None, operators: str | Iterable[str] = (), fuse: bool = True,
            **arguments: Any) -> "_ort.InferenceSession":
    """An onnxruntime.InferenceSession that runs on Kiln what Kiln computes.

    Args:
        model: A path, a serialized model as bytes, or an onnx.ModelProto.
        sess_options: An onnxruntime.SessionOptions. In it, it is set that nodes() can tell what Kiln took.
        providers: As InferenceSession takes them; options of Kiln's may be given there or by the arguments below.
        accuracy: "exact", or "fast": activations to 4 ULP of float32.
        threads: In how many pieces a node's work is cut at most; the session's threads carry them out. By default as
            many as sess_options.intra_op_num_threads says, or the CPUs that the process has.
        isa: The instruction set, "avx2" for instance; by default the best that the CPU runs.
        operators: Names of ONNX's operators that Kiln takes, in a list or with commas; by default all that it has.
        fuse: Whether Kiln computes by one operator what exporters write in several, x * Sigmoid(x) for instance.
        **arguments: More of InferenceSession's.

    Raises:
        ValueError: An option is not known, or has a value that it cannot have.

    No result depends on threads or isa.
    """
    options = _ort.SessionOptions() if sess_options is None else sess_options
    options.add_session_config_entry(_RECORD, "1")
    if threads is None:
        threads = options.intra_op_num_threads
    names = operators if isinstance(operators, str) else ",".join(operators)
    own = {"accuracy": str(accuracy), "threads": str(threads), "operators": names,
           "fuse": str(int(bool(fuse)))}
    if isa is not None:
        own["isa"] = str(isa)
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    try:
        return _ort.InferenceSession(model, options, providers=[_with(own, provider) for provider in providers],
                                     enable_fallback=0, **arguments)
    except Exception as error:
        text = str(error)
        if _PREFIX in text:
            raise ValueError(text[text.index(_PREFIX):].strip()) from error
        raise


def _with(own: dict, provider: str | tuple[str, dict]) -> tuple[str, dict]:
    """A provider with its options, Kiln with these where its own do not say otherwise."""
    name, options = (provider, {}) if isinstance(provider, str) else provider
    return (name, {**own, **options} if name == NAME else dict(options))


def nodes(session: "_ort.InferenceSession", provider: str = NAME) -> list[Node]:
    """The nodes of the model that a provider took, Kiln where no other is named, in no particular order: Node(name,
    op_type, group) each.

    They are those of the model as ONNX Runtime has changed it before it asks its providers: constants folded, operators
    that are functions written out. Nodes whose number of the group is the same run as one.

    Raises:
        ValueError: The session does not know: it was made neither by session() nor with the entry
            "session.record_ep_graph_assignment_info" of "1" in its options.
    """
    try:
        groups = session.get_provider_graph_assignment_info()
    except Exception as error:
        raise ValueError(f"the session does not know which nodes {provider} took: it is to be made by "
                         f"kiln.onnxruntime.session(), or with \"{_RECORD}\" of \"1\" in its options") from error
    return [Node(node.name, node.op_type, number) for number, group in enumerate(groups) if group.ep_name == provider
            for node in group.get_nodes()]


_register()
