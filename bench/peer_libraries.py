"""What Kiln is measured against. A peer has a name and bind(op, x), which gives a call without arguments and a function
that returns its result, or None where the peer has no such operator."""
import importlib.util

import numpy as np


class Torch:
    name = "torch eager"

    def __init__(self, threads):
        import torch
        self.torch = torch
        torch.set_num_threads(threads)

    def bind(self, op, x):
        torch = self.torch
        given = torch.from_numpy(x)
        result = torch.empty_like(given)
        into = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
        fresh = torch.nn.functional
        aten = {"silu": torch.ops.aten.silu.out, "mish": torch.ops.aten.mish.out,
                "hardsigmoid": torch.ops.aten.hardsigmoid.out}
        if op in into:
            return lambda: into[op](given, out=result), lambda: result.numpy()
        if op in aten:
            return lambda: aten[op](given, out=result), lambda: result.numpy()
        function = getattr(fresh, op, None)
        return (lambda: function(given), lambda: function(given).numpy()) if function else None


class TorchCopy(Torch):
    name = "copy: torch"

    def bind(self, op, x):
        given = self.torch.from_numpy(x)
        result = self.torch.empty_like(given)
        return lambda: result.copy_(given), None


class TorchCompile(Torch):
    name = "torch.compile"

    def bind(self, op, x):
        given = self.torch.from_numpy(x)
        function = self.torch.compile(getattr(self.torch.nn.functional, op), dynamic=False)
        return lambda: function(given), lambda: function(given).numpy()


class OnnxRuntime:
    name = "onnxruntime"
    NODES = {"tanh": [("Tanh", {})], "sigmoid": [("Sigmoid", {})],
             "hardsigmoid": [("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5})], "mish": [("Mish", {})]}

    def __init__(self, threads):
        import onnxruntime
        import onnx
        self.onnxruntime, self.onnx, self.threads = onnxruntime, onnx, threads

    def bind(self, op, x):
        if op not in self.NODES:
            return None
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        (node, attributes), = self.NODES[op]
        graph = helper.make_graph([helper.make_node(node, ["x"], ["y"], **attributes)], op,
                                  [helper.make_tensor_value_info("x", kind, x.shape)],
                                  [helper.make_tensor_value_info("y", kind, x.shape)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        session = self.onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        result = np.empty_like(x)
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
        binding.bind_output("y", "cpu", 0, np.float32, x.shape, result.ctypes.data)
        return lambda: session.run_with_iobinding(binding), lambda: result


def find_peers(threads):
    """The peers that are installed, and the names of those that are not."""
    peers, absent = [], []
    for kind, modules in ((TorchCopy, ["torch"]), (Torch, ["torch"]), (TorchCompile, ["torch"]),
                          (OnnxRuntime, ["onnxruntime", "onnx"])):
        if all(importlib.util.find_spec(m) for m in modules):
            peers.append(kind(threads))
        else:
            absent.append(kind.name)
    return peers, absent
