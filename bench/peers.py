"""What Kiln is measured against. A peer has a name and bind(case, x), which gives a call without arguments and a function
that returns its result, or None where the peer has no such operator or layout."""
import importlib.metadata
import importlib.util

import numpy as np


class Torch:
    name = "torch eager"
    # These write into a tensor that is there; the others make a new one on every call.
    OUT = {"tanh": "tanh", "sigmoid": "sigmoid", "silu": "silu", "mish": "mish", "hardsigmoid": "hardsigmoid"}

    def __init__(self, threads):
        import torch
        self.torch = torch
        torch.set_num_threads(threads)

    def tensor(self, case, x):
        given = self.torch.from_numpy(np.ascontiguousarray(x))
        return given.contiguous(memory_format=self.torch.channels_last) if case.channels_last else given

    def function(self, case):
        functional = getattr(self.torch.nn.functional, case.op)
        parameters = {name: self.torch.from_numpy(value) for name, value in case.parameters().items()}
        arguments = {**case.arguments, **parameters}
        return lambda given: functional(given, **arguments)

    def bind(self, case, x):
        given = self.tensor(case, x)
        if case.op in self.OUT:
            result = self.torch.empty_like(given)
            into = getattr(self.torch.ops.aten, self.OUT[case.op]).out
            return lambda: into(given, out=result), lambda: result.numpy()
        function = self.function(case)
        return lambda: function(given), lambda: function(given).numpy()


class TorchCopy(Torch):
    name = "copy/torch"

    def bind(self, case, x):
        given = self.tensor(case, x)
        result = self.torch.empty_like(given)
        return lambda: result.copy_(given), None


class TorchCompile(Torch):
    name = "torch.compile"

    def bind(self, case, x):
        given = self.tensor(case, x)
        self.torch._dynamo.reset()
        function = self.torch.compile(self.function(case), dynamic=False)
        return lambda: function(given), lambda: function(given).numpy()


class OnnxRuntime:
    name = "onnxruntime"
    # The node, its attributes and its parameters after x, by operator.
    NODES = {
        "tanh": ("Tanh", lambda a: {}, []),
        "sigmoid": ("Sigmoid", lambda a: {}, []),
        "hardsigmoid": ("HardSigmoid", lambda a: {"alpha": 1 / 6, "beta": 0.5}, []),
        "mish": ("Mish", lambda a: {}, []),
        "layer_norm": ("LayerNormalization", lambda a: {"axis": -1, "epsilon": 1e-5}, ["weight", "bias"]),
        "group_norm": ("GroupNormalization", lambda a: {"num_groups": a["num_groups"], "epsilon": 1e-5}, ["weight", "bias"]),
        "instance_norm": ("InstanceNormalization", lambda a: {"epsilon": 1e-5}, ["weight", "bias"]),
        "batch_norm": ("BatchNormalization", lambda a: {"epsilon": 1e-5}, ["weight", "bias", "running_mean", "running_var"]),
        "local_response_norm": ("LRN", lambda a: {"size": a["size"], "alpha": 1e-4, "beta": 0.75, "bias": 1.0}, []),
        "normalize": ("LpNormalization", lambda a: {"p": 2, "axis": a["dim"]}, []),
    }

    def __init__(self, threads):
        import onnxruntime
        import onnx
        self.onnxruntime, self.onnx, self.threads = onnxruntime, onnx, threads

    def model(self, case, x):
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        node, attributes, names = self.NODES[case.op]
        parameters = case.parameters()
        stored = [self.onnx.numpy_helper.from_array(parameters[name], name) for name in names]
        graph = helper.make_graph([helper.make_node(node, ["x", *names], ["y"], **attributes(case.arguments))], case.op,
                                  [helper.make_tensor_value_info("x", kind, x.shape)],
                                  [helper.make_tensor_value_info("y", kind, x.shape)], initializer=stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)

    def bind(self, case, x):
        if case.op not in self.NODES or case.channels_last or case.arguments.get("training"):
            return None
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        session = self.onnxruntime.InferenceSession(self.model(case, x).SerializeToString(), options,
                                                    ["CPUExecutionProvider"])
        result = np.empty_like(x)
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
        binding.bind_output("y", "cpu", 0, np.float32, x.shape, result.ctypes.data)
        return lambda: session.run_with_iobinding(binding), lambda: result


KINDS = {kind.name: (kind, modules) for kind, modules in (
    (TorchCopy, ["torch"]), (Torch, ["torch"]), (TorchCompile, ["torch"]), (OnnxRuntime, ["onnxruntime", "onnx"]))}


def find(name):
    return KINDS[name][0]


def installed():
    """{name: version} of the peers that are installed, and the names of those that are not."""
    present = {name: importlib.metadata.version(modules[0]) for name, (_, modules) in KINDS.items()
               if all(importlib.util.find_spec(m) for m in modules)}
    return present, [name for name in KINDS if name not in present]
