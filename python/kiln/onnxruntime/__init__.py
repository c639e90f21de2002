"""Kiln as an execution provider of ONNX Runtime.

    import onnxruntime
    import kiln.onnxruntime

    session = onnxruntime.InferenceSession("model.onnx", providers=["KilnExecutionProvider", "CPUExecutionProvider"])

The import makes the provider known to ONNX Runtime. A session that names it runs on Kiln what Kiln computes to ONNX's
meaning, and leaves the rest to the providers that follow. session() here makes such a session and says what is wrong
with an option; nodes() says what Kiln took.
"""
import inspect
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
_MORE = ("disabled_optimizers", "read_config_from_model")  # of InferenceSession's, which drops what it does not know

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
            providers: Sequence[str | tuple[str, dict]] = (NAME, "CPUExecutionProvider"), *, accuracy: str | None = None,
            threads: int | None = None, isa: str | None = None, operators: str | Iterable[str] | None = None,
            fuse: bool | int | str | None = None, **arguments: Any) -> "_ort.InferenceSession":
    """An onnxruntime.InferenceSession that runs on Kiln what Kiln computes.

    Args:
        model: A path, a serialized model as bytes, or an onnx.ModelProto.
        sess_options: An onnxruntime.SessionOptions. In it, it is set that nodes() can tell what Kiln took.
        providers: As InferenceSession takes them; options of Kiln's may be given there or by the arguments below.
        accuracy: "exact", which is the default, or "fast": activations to 4 ULP of float32.
        threads: In how many pieces a node's work is cut at most; the session's threads carry them out. By default as
            many as sess_options.intra_op_num_threads says, or the CPUs that the process has.
        isa: The instruction set, "avx2" for instance; by default the best that the CPU runs.
        operators: Names of ONNX's operators that Kiln takes, in a list or with commas; by default all that it has.
        fuse: Whether Kiln computes by one operator what exporters write in several, x * Sigmoid(x) for instance: True,
            False, 1, 0, "1" or "0". By default it does.
        **arguments: disabled_optimizers and read_config_from_model, as InferenceSession takes them.

    Raises:
        ValueError: An option is not known, or has a value that it cannot have; it is given here and otherwise in
            providers, or Kiln is none of them.
        TypeError: An argument is not known.

    No result depends on threads or isa.
    """
    _check_names(arguments)
    given = _texts(accuracy=accuracy, threads=threads, isa=isa, operators=operators, fuse=fuse)
    providers = _with(given, providers)
    options = _ort.SessionOptions() if sess_options is None else sess_options
    options.add_session_config_entry(_RECORD, "1")
    for name, own in providers:
        if name == NAME:
            own.setdefault("threads", str(options.intra_op_num_threads))
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    try:
        return _ort.InferenceSession(model, options, providers=providers, enable_fallback=0, **arguments)
    except Exception as error:
        text = str(error)
        if _PREFIX in text:
            raise ValueError(text[text.index(_PREFIX):].strip()) from error
        raise


def _check_names(arguments: dict) -> None:
    known = [name for name in inspect.signature(session).parameters if name != "arguments"] + list(_MORE)
    for name in arguments:
        if name not in known:
            raise TypeError(f"kiln.onnxruntime.session: {name}: no such argument; there are {', '.join(known)}")


def _texts(**given: Any) -> dict[str, str]:
    """Options as the provider takes them: those that are not None."""
    texts = {name: str(value) for name, value in given.items() if value is not None}
    operators, fuse = given["operators"], given["fuse"]
    if operators is not None and not isinstance(operators, str):
        texts["operators"] = ",".join(operators)
    if fuse is True or fuse is False:
        texts["fuse"] = str(int(fuse))
    return texts


def _with(given: dict, providers: Sequence[str | tuple[str, dict]]) -> list[tuple[str, dict]]:
    """Providers with their options, Kiln with these, too."""
    pairs = [(each, {}) if isinstance(each, str) else (each[0], dict(each[1])) for each in providers]
    names = [name for name, _ in pairs]
    for option, value in given.items():
        if NAME not in names:
            raise ValueError(f"kiln.onnxruntime.session: {option}: expected {NAME} among providers, whose option it is, got "
                             f"{option}={value!r} and providers {', '.join(names)}")
        own = pairs[names.index(NAME)][1]
        if str(own.setdefault(option, value)) != value:
            raise ValueError(f"kiln.onnxruntime.session: {option}: expected one value, got {value!r} by the argument and "
                             f"{own[option]!r} in providers")
    return pairs


def nodes(session: "_ort.InferenceSession", provider: str = NAME) -> list[Node]:
    """The nodes of the model that a provider took, Kiln where no other is named, in no particular order: Node(name,
    op_type, group) each.

    They are those of the model as ONNX Runtime has changed it before it asks its providers: constants folded, operators
    that are functions written out. Nodes whose number of the group is the same run as one.

    Raises:
        ValueError: The session was made neither by session() nor with the entry
            "session.record_ep_graph_assignment_info" of "1" in its options, so that it does not know.
        TypeError: It is no session.
    """
    if not hasattr(session, "get_provider_graph_assignment_info"):
        raise TypeError(f"kiln.onnxruntime.nodes: session: expected an InferenceSession, got {type(session).__name__}")
    try:
        groups = session.get_provider_graph_assignment_info()
    except Exception as error:
        raise ValueError(f"kiln.onnxruntime.nodes: session: expected one that kiln.onnxruntime.session() made, or one with "
                         f"\"{_RECORD}\" of \"1\" in its options; this one does not know which nodes {provider} took") from error
    return [Node(node.name, node.op_type, number) for number, group in enumerate(groups) if group.ep_name == provider
            for node in group.get_nodes()]


_register()
