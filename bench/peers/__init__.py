"""What Kiln is measured against."""
from .onednn import OneDnn
from .onnx_runtime import OnnxRuntime
from .pytorch import Torch, TorchCompile, TorchCopy
from .xnnpack import Xnnpack

KINDS = {kind.name: kind for kind in (TorchCopy, Torch, TorchCompile, OnnxRuntime, OneDnn, Xnnpack)}


def find(name):
    return KINDS[name]


def installed():
    """{name: version} of the peers that can run, and {name: why} of those that cannot."""
    lacks = {name: kind.lacks() for name, kind in KINDS.items()}
    return ({name: kind.version() for name, kind in KINDS.items() if not lacks[name]},
            {name: why for name, why in lacks.items() if why})
