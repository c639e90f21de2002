"""ONNX Runtime: a model of one node a case, input and output bound to memory that is there."""
import numpy as np

from .. import table
from ..library import empty
from .peer import Peer


class OnnxRuntime(Peer):
    name, package, modules = "onnxruntime", "onnxruntime", ["onnxruntime", "onnx"]
    # The node's attributes by the operator's arguments, and its tensors after x in ONNX's order.
    NODES = {
        "tanh": (lambda a: {}, []),
        "sigmoid": (lambda a: {}, []),
        "hardsigmoid": (lambda a: {"alpha": 1 / 6, "beta": 0.5}, []),
        "mish": (lambda a: {}, []),
        "softplus": (lambda a: {}, []),
        "layer_norm": (lambda a: {"axis": -len(a["normalized_shape"]), "epsilon": a["eps"]}, ["weight", "bias"]),
        "group_norm": (lambda a: {"num_groups": a["num_groups"], "epsilon": a["eps"]}, ["weight", "bias"]),
        "instance_norm": (lambda a: {"epsilon": a["eps"]}, ["weight", "bias"]),
        "batch_norm": (lambda a: {"epsilon": a["eps"]}, ["weight", "bias", "running_mean", "running_var"]),
        "local_response_norm": (lambda a: {"size": a["size"], "alpha": a["alpha"], "beta": a["beta"], "bias": a["k"]}, []),
        "normalize": (lambda a: {"p": int(a["p"]), "axis": a["dim"][0]}, []),
    }

    def __init__(self, threads):
        import onnxruntime
        import onnx
        self.onnxruntime, self.onnx, self.threads = onnxruntime, onnx, threads

    def model(self, case, x):
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        attributes, names = self.NODES[case.op]
        node = table.operator(case.op).onnx
        stored = [self.onnx.numpy_helper.from_array(case.tensors[name], name) for name in names]
        graph = helper.make_graph([helper.make_node(node, ["x", *names], ["y"], **attributes(case.arguments))], case.op,
                                  [helper.make_tensor_value_info("x", kind, x.shape)],
                                  [helper.make_tensor_value_info("y", kind, x.shape)], initializer=stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)

    def bind(self, case, x):
        if case.op not in self.NODES or case.channels_last or case.arguments.get("training"):
            return None
        if case.op == "normalize" and (case.arguments["p"] not in (1, 2) or len(case.arguments["dim"]) != 1):
            return None  # LpNormalization has no other
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        session = self.onnxruntime.InferenceSession(self.model(case, x).SerializeToString(), options,
                                                    ["CPUExecutionProvider"])
        result = empty(case.shape, case.layout)
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, np.float32, x.shape, x.ctypes.data)
        binding.bind_output("y", "cpu", 0, np.float32, x.shape, result.ctypes.data)
        return lambda: session.run_with_iobinding(binding), lambda: result
