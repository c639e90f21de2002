"""A results file made up for tests of what reads them: one machine, two operators, figures that are round numbers."""
import copy

MACHINE = {"architecture": "x86_64", "cpu": "Example", "cpu_model": "AuthenticAMD 25 17", "microarchitecture": "Zen 4", "cpus": 1, "memory_bytes": 1 << 34,
           "caches": {"L1": 32768, "L2": 524288, "L3": 8388608}, "isas": ["avx2", "baseline"], "compiler": "gcc 12",
           "kiln": "0.1.0"}
IDENTITY = {"direction": "forward", "dtype": "float32"}


def implementation(name, best, **more):
    samples = [best, best * 1.02, best * 1.04]
    return {"name": name, "obtained": "measured", "unit": "seconds", "best": best, "median": samples[1], "samples": samples,
            **more}


def row(case, op, shape, kiln, arguments=None, dtype="float32"):
    size = 4 if dtype == "float32" else 2
    for extent in shape:
        size *= extent
    kind = "absolute" if "norm" in op else "ulp"
    return {"case": case, "op": op, "direction": "backward" if op.endswith("_backward") else "forward", "dtype": dtype, "shape": shape, "layout": case.split("/")[2], "arguments": arguments or {}, "threads": 1,
            "bytes": size, "implementations": [
                implementation("copy/memcpy", kiln / 2), implementation("copy/loop", kiln / 1.9),
                *([] if dtype == "float32" else [implementation("float32/exact/avx2", kiln * 1.5)]),
                implementation("kiln/exact/avx2", kiln, error=0.5 if kind == "ulp" else 3e-7, error_kind=kind),
                implementation("torch eager", kiln * 4, error=1.5 if kind == "ulp" else 4e-7, error_kind=kind)]}


def third_schema():
    """The same as results(), as files of the schema before say it."""
    file = results()
    del file["options"]["dtypes"]
    return {**file, "schema": "kiln-bench-3", "options": {**IDENTITY, **file["options"]}}


def second_schema():
    """As files of the schema before that one say it."""
    file = third_schema()
    del file["machine"]["cpu_model"], file["machine"]["microarchitecture"]
    file["software"]["absent"] = ["onnxruntime"]
    return {**file, "schema": "kiln-bench-2"}


def first_schema():
    """As those of the first say it."""
    file = second_schema()
    del file["options"]["direction"], file["options"]["dtype"]
    for row in file["rows"]:
        del row["direction"], row["dtype"]
        row["contestants"] = row.pop("implementations")
    return {**file, "schema": "kiln-bench-1"}


def of_gradients():
    """A file of a later day."""
    file = results()
    rows = [row("bert-layer_norm-backward/layer/contiguous", "layer_norm_backward", [4096, 768], 1e-3, {"normalized_shape": [768]}),
            row("silu-backward/DRAM/contiguous", "silu_backward", [1 << 24], 1e-2)]
    return {**file, "started": "2026-02-02T00:00:00+00:00", "options": {**file["options"], "direction": "backward"}, "rows": rows}


def results(slow=1.0, machine=1.0):
    """`slow`: tanh's factor; `machine`: everything's."""
    rows = [row("tanh/L1/contiguous", "tanh", [2048], 1e-6), row("tanh/L2/contiguous", "tanh", [32768], 2e-5),
            row("bert-layer_norm/layer/contiguous", "layer_norm", [4096, 768], 1e-3, {"normalized_shape": [768]})]
    for r in rows:
        for c in r["implementations"]:
            factor = machine * (slow if r["op"] == "tanh" and c["name"].startswith("kiln/") else 1)
            c.update(best=c["best"] * factor, median=c["median"] * factor, samples=[s * factor for s in c["samples"]])
    bandwidth = [{"level": n, "bytes": b, "read_write_per_second": r} for n, b, r in
                 (("L1", 8192, 2e11), ("L2", 131072, 1e11), ("L3", 2097152, 5e10), ("DRAM", 33554432, 2e10))]
    return copy.deepcopy({
        "schema": "kiln-bench-4", "complete": True, "started": "2026-01-01T00:00:00+00:00",
        "options": {"direction": "forward", "dtypes": ["float32"], "rounds": 3, "seconds": 0.002, "threads": [1], "isas": ["avx2"], "runner": ""}, "machine": MACHINE,
        "software": {"commit": "0123456789abcdef", "modified": False, "peers": {"torch eager": "2"}, "absent": {"onnxruntime": "not installed", "torch.compile": "no C++ compiler"}},
        "roof": [{"threads": 1, "obtained": "measured", "bandwidth": bandwidth, "flops_per_second": 1e11}], "rows": rows})
