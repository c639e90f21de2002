"""What is found out about each model: its answer beside stock's, times by type of node, and the bits of Kiln's nodes."""
import collections
import pathlib
import statistics
import tempfile
import time

import aarch64
import recorded
from calls import THREADS, different, digest, instruction_sets, one_of_each_kind


def of_onnx(model, rounds, say, record=False, emulated=True):
    """A report, as a dict, on an OnnxModel."""
    import onnx_run

    files, question = model.files(), model.question()
    say("answers")
    makers = {"stock": onnx_run.stock, "kiln": onnx_run.on_kiln}
    plain = {who: {name: make(file) for name, file in files.items()} for who, make in makers.items()}
    answers = {who: model.answer(sessions, question) for who, sessions in plain.items()}
    wall = _by_turns({who: lambda s=sessions: model.answer(s, question) for who, sessions in plain.items()}, rounds)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        say("times")
        profiled = {who: {name: make(file, folder) for name, file in files.items()} for who, make in makers.items()}
        for _ in range(rounds + 1):  # the first one is not counted
            for sessions in profiled.values():
                model.answer(sessions, question)
        times = {who: _sum(onnx_run.times(session, rounds) for session in sessions.values())
                 for who, sessions in profiled.items()}
        say("calls")
        recorders = {name: onnx_run.Recorder(file, folder, model.branch) for name, file in files.items()}
        answers["recorded"] = model.answer(recorders, question)
    calls = [call for recorder in recorders.values() for call in recorder.calls]
    differs = model.same(answers["stock"], answers["kiln"]) or model.same(answers["stock"], answers["recorded"])
    return {"name": model.name, "title": model.title, "package": model.package, "question": question,
            "answers": answers, "wrong": model.wrong(answers["kiln"]), "differs": differs, "bound": model.bound, "wall": wall, "times": times,
            "nodes": collections.Counter(call.operator for call in calls),
            **_bits(model.name, calls, say, record, emulated)}


def of_torch(model, rounds, say, record=False, emulated=True):
    """A report, as a dict, on a TorchModel."""
    import torch_run

    say("answers")
    pair = torch_run.Pair(model)
    distance, stock, ours = pair.distance()
    differs = "" if distance <= torch_run.BOUND else f"by {distance:.1e}"
    say("times")
    models = {"stock": pair.stock, "kiln": pair.kiln}
    wall = _by_turns({who: lambda m=module: pair.run(m) for who, module in models.items()}, rounds)
    rows = {who: [] for who in models}
    for _ in range(rounds):
        for who, module in models.items():
            rows[who].append(pair.times(module))
    times = {who: {key: min(row[key] for row in found) for key in found[0]} for who, found in rows.items()}
    say("calls")
    calls = pair.calls()
    return {"name": model.name, "title": model.title, "package": model.package, "differs": differs,
            "bound": f"within {torch_run.BOUND} of the largest magnitude in the result", "distance": distance,
            "errors": {"stock": stock, "kiln": ours}, "wall": wall, "times": times, "left": dict(pair.replaced.left),
            "nodes": collections.Counter(call.operator for call in calls), **_bits(model.name, calls, say, record, emulated)}


def _sum(counts):
    total = collections.Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _by_turns(runs, rounds):
    """Milliseconds of each run: (least, median)."""
    found = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            found[name].append((time.perf_counter() - begin) * 1e3)
    return {name: (min(values), statistics.median(values)) for name, values in found.items()}


def _bits(name, calls, say, record, emulated):
    """The digests of one call of each kind: as the model got it, and for every setting here; under qemu the largest of each
    operator."""
    if record:
        recorded.keep(name, calls)
    begin, lacking = aarch64.command() if emulated else ([], "not asked for")
    kinds, rows = one_of_each_kind(calls), []
    largest = {call.operator: call for call in sorted(kinds, key=lambda call: call.input.size)}
    for i, call in enumerate(kinds):
        say(f"bits of {i + 1} of {len(kinds)} calls")
        rows.append(_row(call, digest(call.output), begin if call is largest[call.operator] else []))
    say("recorded calls")
    kept = [_row(call, expected, begin) for call, expected in recorded.read(name)] if name in recorded.models() else []
    whole = sum(digest(call.run()) != digest(call.output) for call in calls)
    return {"calls": len(calls), "calls_differ": whole, "bits": rows, "kept": kept, "aarch64_lacks": lacking,
            "settings": (instruction_sets(), THREADS)}


def _row(call, expected, begin):
    there = aarch64.digest_of(call, begin) if begin else None
    return {"operator": call.operator, "place": call.place, "shape": call.input.shape, "sha256": expected,
            "differs": different(call, expected), "aarch64": there, "aarch64_differs": there not in (None, expected)}


def faults(report):
    """What is wrong with a model, in words; none where nothing is."""
    found = [f"the answer differs: {report['differs']}"] if report["differs"] else []
    if report.get("wrong"):
        found.append(f"the answer is wrong: {report['wrong']}")
    if not report["calls"]:
        found.append("no node ran on Kiln")
    if report["calls_differ"]:
        found.append(f"of {report['calls']} calls {report['calls_differ']} have other bits than the function")
    for row in report["bits"] + report["kept"]:
        where = [f"{isa}, {threads} threads" for isa, threads in row["differs"]] + ["AArch64"] * row["aarch64_differs"]
        if where:
            found.append(f"{row['operator']} at {row['place']} has other bits with {'; '.join(where)}")
    return found
