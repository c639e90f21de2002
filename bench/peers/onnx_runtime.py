"""ONNX Runtime: a model of one node a case, input and output bound to memory that is there."""
from .. import operators, table
from ..library import empty
from .peer import Peer


class OnnxRuntime(Peer):
    name, package, modules = "onnxruntime", "onnxruntime", ["onnxruntime", "onnx"]
    dtypes = ("float32", "float16")

    def __init__(self, threads):
        import onnxruntime
        import onnx
        self.onnxruntime, self.onnx, self.threads = onnxruntime, onnx, threads

    def model(self, case, x, node, attributes):
        helper, kind = self.onnx.helper, self.onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
        name = node.name or table.operator(case.op).onnx
        stored = [self.onnx.numpy_helper.from_array(case.tensors[tensor], tensor) for tensor in node.tensors]
        graph = helper.make_graph([helper.make_node(name, ["x", *node.tensors], ["y"], **attributes)], case.op,
                                  [helper.make_tensor_value_info("x", kind, x.shape)],
                                  [helper.make_tensor_value_info("y", kind, x.shape)], initializer=stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)

    def bind(self, case, x):
        node = operators.operator(case.op).onnx_runtime
        attributes = node and node.attributes(case.arguments)
        if attributes is None or case.channels_last:
            return None
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        model = self.model(case, x, node, attributes).SerializeToString()
        session = self.onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        result = empty(case.shape, case.layout, case.dtype)
        binding = session.io_binding()
        binding.bind_input("x", "cpu", 0, x.dtype.type, x.shape, x.ctypes.data)
        binding.bind_output("y", "cpu", 0, x.dtype.type, x.shape, result.ctypes.data)
        return lambda: session.run_with_iobinding(binding), lambda: result
