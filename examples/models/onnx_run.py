"""Sessions of ONNX Runtime for the models: stock, on Kiln, and one that records the calls of Kiln's nodes."""
import collections
import json
import pathlib

import onnx
import onnxruntime

import kiln.onnxruntime
from onnx_calls import Groups, with_outputs, without_branches

onnxruntime.set_default_logger_severity(3)


def options(folder=None, threads=1):
    """With profiling where there is a folder for it."""
    result = onnxruntime.SessionOptions()
    result.intra_op_num_threads = threads
    result.log_severity_level = 3
    if folder is not None:
        result.enable_profiling = True
        result.profile_file_prefix = str(folder / "profile")
    return result


def stock(path, folder=None):
    return onnxruntime.InferenceSession(str(path), options(folder), providers=["CPUExecutionProvider"])


def on_kiln(path, folder=None):
    return kiln.onnxruntime.session(str(path), options(folder))


#: Their times are those of the nodes within them.
HOLDERS = {"If", "Loop", "Scan"}


def times(session, rounds):
    """Ends profiling; microseconds of a round by (type of node, on Kiln or not), the least of the rounds, of rounds + 1 that
    were alike; the first one, in which memory is taken, is left out."""
    patterns = pattern_names(session)
    file = pathlib.Path(session.end_profiling())
    events = [event for event in json.loads(file.read_text())
              if event["cat"] == "Node" and event["name"].endswith("_kernel_time")]
    file.unlink()
    count, odd = divmod(len(events), rounds + 1)
    if odd:
        raise RuntimeError("the rounds ran different nodes")
    found = [_sums(events[count * i:count * (i + 1)], patterns) for i in range(1, rounds + 1)]
    return {key: min(sums[key] for sums in found) for key in found[0]}


def _sums(events, patterns):
    sums = collections.Counter()
    for event in events:
        provider, kind = event["args"]["provider"], event["args"]["op_name"]
        if kind.startswith(provider):
            kind = patterns[kind.rpartition("_")[2]]
        if kind not in HOLDERS:
            sums[kind, provider == kiln.onnxruntime.NAME] += event["dur"]
    return sums


def pattern_names(session):
    """What the nodes of a group are called together, by the number that ends the name of the group's node."""
    try:
        nodes = kiln.onnxruntime.nodes(session)
    except ValueError:
        return {}
    groups = collections.defaultdict(list)
    for node in nodes:
        groups[node.group].append(node.op_type)
    several = [types for _, types in sorted(groups.items()) if len(types) > 1]
    return {str(number): " + ".join(sorted(set(types))) for number, types in enumerate(several)}


class Recorder:
    """A model on Kiln whose run() is InferenceSession's, and which keeps the calls of Kiln's nodes."""

    def __init__(self, path, folder, branch=None):
        plain = folder / "plain.onnx"
        model = onnx.load(path)
        if branch is not None:
            model = without_branches(model, branch)
        settings = options()
        # What ONNX Runtime makes of the model before it asks its providers.
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        settings.optimized_model_filepath = str(plain)
        onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
        model = onnx.load(plain)
        plain.unlink()
        self.nodes = kiln.onnxruntime.nodes(kiln.onnxruntime.session(model, options()))
        self.groups = Groups(model, self.nodes)
        self.session = kiln.onnxruntime.session(with_outputs(model, self.groups.values()), options())
        taken = {node.name for node in kiln.onnxruntime.nodes(self.session)}
        if taken != {node.name for node in self.nodes}:
            raise RuntimeError(f"recording changes which nodes of {path} run on Kiln")
        self.outputs = [output.name for output in model.graph.output]
        self.calls = []

    def run(self, names, feeds, *_):
        wanted = self.groups.values()
        given = {item.name for item in self.session.get_inputs()}
        found = self.session.run([*self.outputs, *wanted], {k: v for k, v in feeds.items() if k in given})
        values = dict(zip([*self.outputs, *wanted], found))
        self.calls += self.groups.calls(values)
        return [values[name] for name in names or self.outputs]

    def __getattr__(self, name):
        return getattr(self.session, name)
