#!/usr/bin/env python3
"""Times nodes on Kiln beside the same nodes on ONNX Runtime's CPU provider, in one process, by turns.

    time_nodes.py [--package FOLDER] [--threads N...] [--types TYPE...] [--rounds N] [CASE...]

The nodes are the layers of bench/cases.json, one session of one node each. A round runs each of the two for as long as
the other; a time is that of one run, whose input and output are bound to memory, and of all rounds the least and the
median are printed. Where the CPU provider has no kernel, ONNX Runtime writes the operator out in others, or refuses it.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time
import tomllib

import ml_dtypes
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
TYPES = {"float32": np.dtype(np.float32), "float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
SLICE = 0.05  # seconds that one of the two runs in a round


def layers():
    """Those with a size, each as ONNX's operator, shape, shapes of parameters and attributes."""
    table = tomllib.loads((ROOT / "operators.toml").read_text())["operator"]
    for case in json.loads((ROOT / "bench" / "cases.json").read_text())["cases"]:
        arguments, shape = case.get("arguments", {}), case["shape"]
        if "n" in shape or arguments.get("training"):
            continue
        channels = [shape[1]] if len(shape) > 1 else []
        row = arguments.get("normalized_shape")
        parameters, attributes = {
            "batch_norm": ([channels] * 4, {}),
            "group_norm": ([channels] * 2, {"num_groups": arguments.get("num_groups")}),
            "instance_norm": ([channels] * 2, {}),
            "layer_norm": ([row] * 2, {"axis": -1}),
            "rms_norm": ([row], {"axis": -1, "epsilon": arguments.get("eps", 1e-5)}),
            "local_response_norm": ([], {"size": arguments.get("size")}),
            "normalize": ([], {"axis": arguments.get("dim")}),
            "hardsigmoid": ([], {"alpha": 1 / 6}),
        }.get(case["op"], ([], {}))
        yield case["name"], table[case["op"]]["onnx"], shape, parameters, attributes


class Run:
    """A session of one node, with its tensors."""

    def __init__(self, onnxruntime, model, options, providers, x, kind):
        self.session = onnxruntime.InferenceSession(model, options, providers=providers, enable_fallback=0)
        self.binding = self.session.io_binding()
        self.x, self.y = x, np.empty_like(x)
        self.binding.bind_input("x", "cpu", 0, kind, x.shape, x.ctypes.data)
        self.binding.bind_output("y", "cpu", 0, kind, x.shape, self.y.ctypes.data)
        self.times = []

    def round(self):
        end = time.perf_counter() + SLICE
        while True:
            begin = time.perf_counter()
            self.session.run_with_iobinding(self.binding)
            now = time.perf_counter()
            self.times.append((now - begin) * 1e6)
            if now > end:
                return

    def figures(self):
        return f"{min(self.times):10.1f} {statistics.median(self.times):10.1f}"


def model_of(op, shape, parameters, attributes, dtype):
    from onnx import helper
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    rng = np.random.default_rng(1)
    stored = []
    for i, extents in enumerate(parameters):
        values = (np.abs(rng.standard_normal(extents)) + 0.5).astype(dtype)
        stored.append(helper.make_tensor(f"p{i}", kind, extents, values.tobytes(), raw=True))
    node = helper.make_node(op, ["x", *(t.name for t in stored)], ["y"], name=op, **attributes)
    described = [helper.make_tensor_value_info(name, kind, shape) for name in "xy"]
    graph = helper.make_graph([node], op, described[:1], described[1:], stored)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=10)
    return made.SerializeToString(), kind


def sessions(layer, dtype, threads):
    """Kiln's, and the CPU provider's or why there is none."""
    import onnxruntime

    import kiln.onnxruntime
    _, op, shape, parameters, attributes = layer
    model, kind = model_of(op, shape, parameters, attributes, dtype)
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    made = []
    for provider in ((kiln.onnxruntime.NAME, {"threads": str(threads)}), "CPUExecutionProvider"):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            made.append(Run(onnxruntime, model, options, [provider], x, kind))
        except Exception as error:
            made.append(str(error).split(" : ")[2])
    return made


def compare(layer, type_name, threads, rounds):
    ours, stock = sessions(layer, TYPES[type_name], threads)
    for _ in range(rounds):
        for one in (ours, stock):
            if isinstance(one, Run):
                one.round()
    head = f"{layer[0]:28} {layer[1]:22} {type_name:9} {threads}"
    if not isinstance(stock, Run):
        return f"{head} {ours.figures()}  {stock}"
    ratio = statistics.median(stock.times) / statistics.median(ours.times)
    return f"{head} {ours.figures()} {stock.figures()} {ratio:8.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--package", type=pathlib.Path, help="where the package kiln is, if it is not installed")
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--types", nargs="+", choices=TYPES, default=["float32"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names in bench/cases.json; all of them by default")
    args = parser.parse_args()
    if args.package:
        sys.path.insert(0, str(args.package.resolve()))
    chosen = [layer for layer in layers() if not args.cases or layer[0] in args.cases]
    if not chosen:
        parser.error("no such case")
    print(f"{'case':28} {'operator':22} {'type':9} threads, Kiln: least and median us, CPU: the same, times as fast")
    for layer in chosen:
        for type_name in args.types:
            for threads in args.threads:
                print(compare(layer, type_name, threads, args.rounds), flush=True)


if __name__ == "__main__":
    main()
