"""XNNPACK, as LiteRT gives it a model of one operator; XNNPACK has no package of its own that holds these two."""
from .. import operators
from .peer import Peer


class Xnnpack(Peer):
    name, package, modules = "xnnpack", "ai-edge-litert", ["ai_edge_litert", "flatbuffers"]
    dtypes = ("float32", "float16")

    def __init__(self, threads):
        from ai_edge_litert import interpreter, schema_py_generated
        self.interpreter, self.schema, self.threads = interpreter, schema_py_generated, threads

    @classmethod
    def version(cls):
        return f"of LiteRT {super().version()}"

    def model(self, case, name):
        """The flatbuffer: a graph x -> y of one operator."""
        import flatbuffers
        schema = self.schema

        def tensor(label):
            made = schema.TensorT()
            made.name, made.shape, made.type, made.buffer = label, case.shape, getattr(schema.TensorType, case.dtype.upper()), 0
            return made

        code, operator, graph, model = schema.OperatorCodeT(), schema.OperatorT(), schema.SubGraphT(), schema.ModelT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
        operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0], [1]
        graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor("x"), tensor("y")], [0], [1], [operator]
        model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
        builder = flatbuffers.Builder(0)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def bind(self, case, x):
        name = operators.operator(case.op).litert
        if not name:
            return None
        made = self.interpreter.Interpreter(model_content=self.model(case, name), num_threads=self.threads)
        made.allocate_tensors()
        if "DELEGATE" not in [o["op_name"] for o in made._get_ops_details()]:
            raise RuntimeError("LiteRT did not give the operator to XNNPACK")
        made.set_tensor(made.get_input_details()[0]["index"], x)
        result = made.get_output_details()[0]["index"]
        return made.invoke, lambda: made.get_tensor(result)
