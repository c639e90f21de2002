"""The calls that Kiln's nodes make within a model of ONNX: their operator and arguments, read from the model's graph, and
their inputs and outputs, as a run writes them."""
import collections

import numpy as np
import onnx
from onnx import numpy_helper

from calls import Call

#: Operators of one node, whose only argument is the input.
ELEMENTWISE = {"Sigmoid": "sigmoid", "Tanh": "tanh", "HardSigmoid": "hardsigmoid", "Softplus": "softplus", "Mish": "mish",
               "Swish": "silu"}
#: The operator of several nodes, by the types in their group.
PATTERNS = {("Mul", "Sigmoid"): "silu", ("Mul", "Softplus", "Tanh"): "mish",
            ("Add", "Div", "Mul", "Pow", "ReduceMean", "Sqrt"): "rms_norm",
            ("Add", "Div", "Mul", "Pow", "ReduceMean", "ReduceMean", "Sqrt", "Sub"): "layer_norm"}


def without_branches(model, holds):
    """A model whose If nodes are replaced by the branch that is taken: `holds` says whether their conditions are true."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    while any(node.op_type == "If" for node in result.graph.node):
        nodes = []
        for node in result.graph.node:
            nodes += _branch(result.graph, node, holds) if node.op_type == "If" else [node]
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
        del result.graph.node[:]
        result.graph.node.extend(copies)
    return result


def _branch(graph, node, holds):
    wanted = "then_branch" if holds else "else_branch"
    branch = next(attribute.g for attribute in node.attribute if attribute.name == wanted)
    graph.initializer.extend(branch.initializer)
    ends = [onnx.helper.make_node("Identity", [inner.name], [outer]) for inner, outer in zip(branch.output, node.output)]
    return [*branch.node, *ends]


class Groups:
    """Kiln's groups of nodes in a model, with the values that go in and come out."""

    def __init__(self, model, nodes):
        self.constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        by_name = {node.name: node for node in model.graph.node}
        groups = collections.defaultdict(list)
        for node in nodes:
            groups[node.group].append(by_name[node.name])
        self.groups = [self._group(groups[number]) for number in sorted(groups)]

    def _group(self, nodes):
        types = tuple(sorted(node.op_type for node in nodes))
        made = {name for node in nodes for name in node.output}
        read = {name for node in nodes for name in node.input}
        (source,) = {name for name in read - made if name and name not in self.constants}
        (result,) = made - read
        operator = ELEMENTWISE.get(types[0]) if len(types) == 1 else PATTERNS.get(types)
        if operator is None:
            raise ValueError(f"no operator of Kiln is known for the nodes {', '.join(types)}")
        return operator, nodes, source, result

    def values(self):
        """Names of the values that calls() needs."""
        return list(dict.fromkeys(name for _, _, source, result in self.groups for name in (source, result)))

    def calls(self, values):
        """The calls of one run, given its values by name."""
        for operator, nodes, source, result in self.groups:
            arrays, arguments = {"input": values[source]}, {}
            if operator in ("layer_norm", "rms_norm"):
                width = values[source].shape[-1]
                arguments = {"normalized_shape": (width,), "eps": float(self._constant(nodes, "Add"))}
                arrays["weight"] = np.broadcast_to(self._constant(nodes, "Mul"), (width,)).copy()
            yield Call(operator, arrays, arguments, place=nodes[-1].name, output=values[result])

    def _constant(self, nodes, kind):
        node = next(node for node in nodes if node.op_type == kind)
        (name,) = (name for name in node.input if name in self.constants)
        return self.constants[name]


def with_outputs(model, names):
    """The model with values as outputs beside its own."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    there = {output.name for output in result.graph.output}
    result.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
                               if name not in there)
    return result
