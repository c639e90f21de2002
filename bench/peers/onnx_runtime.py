"""ONNX Runtime: a model of one node a case, input and output bound to memory that is there."""
import numpy as np

from ..library import empty
from .peer import Peer


class OnnxRuntime(Peer):
    name, package, modules = "onnxruntime", "onnxruntime", ["onnxruntime", "onnx"]
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
        result = empty(case.shape, case.layout)
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
        binding.bind_output("y", "cpu", 0, np.float32, x.shape, result.ctypes.data)
        return lambda: session.run_with_iobinding(binding), lambda: result
