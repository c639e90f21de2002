"""What the tests of kiln.onnxruntime share: models of a node or a few, sessions, and what must be alike."""
import unittest

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

import kiln.onnxruntime

OPSET = 24
CPU = "CPUExecutionProvider"
TYPES = {TensorProto.FLOAT: np.dtype(np.float32), TensorProto.FLOAT16: np.dtype(np.float16),
         TensorProto.BFLOAT16: np.dtype(ml_dtypes.bfloat16), TensorProto.DOUBLE: np.dtype(np.float64),
         TensorProto.INT64: np.dtype(np.int64), TensorProto.BOOL: np.dtype(bool)}
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
# Of results of a magnitude about 1, that are rounded once.
TOLERANCE = {TensorProto.FLOAT: 2e-6, TensorProto.FLOAT16: 1e-3, TensorProto.BFLOAT16: 8e-3}

onnxruntime.set_default_logger_severity(4)  # nodes that are left to the CPU, and errors, are what many tests want


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, constants=(), opset=OPSET, checked=True):
    """Of nodes, and of inputs and outputs by value(). ONNX's checker does not take values without a shape."""
    graph = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs), list(constants))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    if checked:
        onnx.checker.check_model(made)
    return made


def one_node(op, inputs, outputs, opset=OPSET, **attributes):
    """A model of one node. inputs, outputs: (kind, shape) each, None for one that is absent."""
    def named(letter, values):
        return [(f"{letter}{i}" if v else "", v) for i, v in enumerate(values)]

    ins, outs = named("x", inputs), named("y", outputs)
    node = helper.make_node(op, [name for name, _ in ins], [name for name, _ in outs], name="node", **attributes)
    return model([node], [value(name, *v) for name, v in ins if v], [value(name, *v) for name, v in outs if v],
                 opset=opset)


def constant(name, array):
    return helper.make_tensor(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape, array.tobytes(), raw=True)


def wide(array):
    return np.asarray(array).astype(np.float64)


def random(shape, kind=TensorProto.FLOAT, seed=0, scale=1.0, shift=0.0):
    values = np.random.default_rng(seed).standard_normal(shape) * scale + shift
    return values.astype(TYPES[kind])


def unoptimized():
    """A session's options that leave a model as it is written: ONNX Runtime's own fusions may change a shape."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def ort_value(array):
    """An OrtValue of any type; ONNX Runtime takes NumPy's own arrays of those that NumPy has."""
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(np.array(array, order="C").view(_bits(array)), kind)


def _bits(array):
    return np.uint16 if array.dtype == ml_dtypes.bfloat16 else array.dtype


def run(session, *arrays):
    """The outputs of a session, in their types, for its inputs in their order."""
    feeds = {described.name: ort_value(array) for described, array in zip(session.get_inputs(), arrays)}
    results = session.run_with_ort_values([output.name for output in session.get_outputs()], feeds)
    return [as_array(result) for result in results]


def as_array(result):
    if result.data_type() != "tensor(bfloat16)":
        return result.numpy()
    shape = result.shape()
    if 0 in shape:
        return np.empty(shape, ml_dtypes.bfloat16)
    return np.frombuffer(onnx_bytes(result), ml_dtypes.bfloat16).reshape(shape)


def onnx_bytes(result):
    """Of a value on the CPU whose type NumPy does not have."""
    import ctypes
    return ctypes.string_at(result.data_ptr(), 2 * int(np.prod(result.shape())))


class TestCase(unittest.TestCase):
    def taken(self, session):
        return sorted(node.op_type for node in kiln.onnxruntime.nodes(session))

    def left(self, session):
        return sorted(node.op_type for node in kiln.onnxruntime.nodes(session, CPU))

    def session(self, of, took=None, **arguments):
        """Of a model, of which Kiln must have taken these operators; a whole one-node model where none are named."""
        session = kiln.onnxruntime.session(of, **arguments)
        expected = [node.op_type for node in of.graph.node] if took is None else took
        self.assertEqual(self.taken(session), sorted(expected))
        return session

    def assert_close(self, result, expected, kind, factor=1.0):
        """A result in its type and a wide one of the reference, whose shape must be the same."""
        self.assertEqual(result.dtype, TYPES[kind])
        self.assertEqual(result.shape, np.shape(expected))
        bound = TOLERANCE[kind] * factor
        np.testing.assert_allclose(wide(result), wide(expected), rtol=bound, atol=bound)

    def assert_as_on_cpu(self, of, *arrays):
        """What Kiln's session makes of a model, beside the CPU provider's alone: shapes and, closely, values."""
        session, stock = (kiln.onnxruntime.session(of, unoptimized(), providers=[*ours, CPU])
                          for ours in ([kiln.onnxruntime.NAME], []))
        for result, expected in zip(run(session, *arrays), run(stock, *arrays), strict=True):
            self.assert_close(result, expected, helper.np_dtype_to_tensor_dtype(expected.dtype), 4)
        return session

    def assert_same_bits(self, result, other):
        self.assertEqual((result.dtype, result.shape), (other.dtype, other.shape))
        self.assertEqual(result.tobytes(), other.tobytes())
