"""What Kiln is measured against."""
from .onednn import OneDnn
from .onnx_runtime import OnnxRuntime
from .pytorch import Torch, TorchCompile, TorchCopy
from .xnnpack import Xnnpack

KINDS = {kind.name: kind for kind in (TorchCopy, Torch, TorchCompile, OnnxRuntime, OneDnn, Xnnpack)}


def find(name):
    return KINDS[name]


def installed():
    """{name: version} of the peers that are installed, and the names of those that are not."""
    versions = {name: kind.version() for name, kind in KINDS.items()}
    return {n: v for n, v in versions.items() if v}, [n for n, v in versions.items() if not v]
