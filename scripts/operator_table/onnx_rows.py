"""The operators as ONNX has them, for the execution provider of ONNX Runtime (python/native/onnxruntime/)."""


def rows(operators):
    """onnx_operators.inc: Kiln's name, ONNX's, and element types."""
    def row(op):
        kind = "ELEMENTWISE" if op.elementwise else "NORMALIZATION"
        return f'KILN_ONNX_{kind}({op.name}, "{op.onnx}", {", ".join(op.dtypes)})\n'

    return ("// Made by the build from operators.toml.\n"
            + "".join(row(op) for op in operators if op.direction == "forward")
            + "#undef KILN_ONNX_ELEMENTWISE\n#undef KILN_ONNX_NORMALIZATION\n")
