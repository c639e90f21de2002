"""What docs/using/onnxruntime.md shows, on a model that is written here. Run in a folder where it may write."""
import numpy as np
import onnx
from onnx import TensorProto, helper

nodes = [
    helper.make_node("Conv", ["image", "kernel"], ["a"], name="conv", pads=[1, 1, 1, 1]),
    helper.make_node("InstanceNormalization", ["a", "scale", "bias"], ["b"], name="norm"),
    helper.make_node("Sigmoid", ["b"], ["c"], name="gate"),
    helper.make_node("Mul", ["b", "c"], ["d"], name="gated"),  # x * sigmoid(x)
    helper.make_node("GlobalAveragePool", ["d"], ["scores"], name="pool"),
]
weights = {"kernel": np.full((4, 3, 3, 3), 0.1, np.float32), "scale": np.ones(4, np.float32), "bias": np.ones(4, np.float32)}
graph = helper.make_graph(
    nodes, "example", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 4, 1, 1])],
    [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10), "model.onnx")
image = np.random.default_rng(0).standard_normal((1, 3, 32, 32), np.float32)

import onnxruntime
import kiln.onnxruntime

session = onnxruntime.InferenceSession("model.onnx", providers=["KilnExecutionProvider", "CPUExecutionProvider"])
scores = session.run(None, {"image": image})

session = kiln.onnxruntime.session("model.onnx", accuracy="fast", threads=2)
for node in kiln.onnxruntime.nodes(session):
    print(node.group, node.op_type, node.name)

session = kiln.onnxruntime.session("model.onnx", operators=["InstanceNormalization", "GroupNormalization"], fuse=False)
print([node.name for node in kiln.onnxruntime.nodes(session, "CPUExecutionProvider")])
