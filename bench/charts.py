"""The report's charts: which figures go into which."""
import html

from . import results, roofline, standing, svg
from .cases import CLIFFS, size_name
from .show import error_text


def kind(name):
    """The colour's class."""
    for part, found in (("kiln/fast", "fast"), ("kiln/", "kiln"), ("float32/", "other"), ("copy/", "copy"), ("torch.compile", "compile"),
                        ("torch", "torch"), ("onnxruntime", "onnx"), ("onednn", "onednn"), ("xnnpack", "xnnpack")):
        if part in name:
            return found
    return "other"


def legend(rows):
    classes = {kind(c["name"]): c["name"] for r in rows for c in timed(r)}
    named = {"kiln": "Kiln, exact", "fast": "Kiln, fast", "other": "Kiln on float32", "copy": "copy", "torch": "PyTorch eager", "onnx": "ONNX Runtime",
             "compile": "torch.compile", "onednn": "oneDNN", "xnnpack": "XNNPACK"}
    return '<p class="legend">' + "".join(
        f'<span><i class="{k}"></i>{html.escape(named.get(k, name))}</span>' for k, name in classes.items()) + "</p>"


def short(case):
    """Its id without what is usual."""
    name, level, layout = case.split("/")
    return ", ".join([name] + [level] * (level != "layer") + [layout.replace("_", " ")] * (layout != "contiguous"))


def tip(row, c):
    parts = [f"{row['case']}, {size_name(row['bytes'], ' ')}", f"{1e-9 * results.bytes_per_second(row, c):.1f} GB/s"]
    return ", ".join(parts + ([error_text(c)] if error_text(c) else []) + ([] if c["obtained"] == "measured" else [c["obtained"]]))


def timed(row):
    """Its implementations in seconds; of the copies, the one that counts."""
    copy = results.copy_of(row["implementations"])
    return [c for c in row["implementations"] if c["unit"] == "seconds" and not c["name"].startswith(("bare", "plain"))
            and (not c["name"].startswith("copy/") or c is copy)]


def speed(rows):
    """Lines over the sizes of one case in one layout."""
    series, ticks = {}, {}
    for row in rows:
        level = row["case"].split("/")[1]
        ticks[row["bytes"]] = " ".join([size_name(row["bytes"], " ")] + [level] * (not level[0].isdigit()))
        for c in timed(row):
            label = "copy" if c["name"].startswith("copy/") else c["name"]
            series.setdefault(label, (kind(c["name"]), []))[1].append(
                (row["bytes"], 1e-9 * results.bytes_per_second(row, c), tip(row, c)))
    return svg.lines(series, "bytes of the tensor", "GB/s", sorted(ticks.items()), "speed against size")


def speeds(rows):
    """{case, with its layout: chart} of those that have sizes."""
    groups = {}
    for row in rows:
        name, level, layout = row["case"].split("/")
        if level not in ("layer", CLIFFS):
            groups.setdefault(short(f"{name}/layer/{layout}"), []).append(row)
    return {name: speed(group) for name, group in groups.items()}


def roof(file, rows, threads):
    measured = roofline.roof_for(file, threads)
    points = []
    for row in rows:
        for c in filter(results.is_kiln, row["implementations"]):
            at = roofline.point(file, row, c)
            if at:
                points.append((kind(c["name"]), at.intensity, at.rate, f"{tip(row, c)}: {at.memory_share:.0%} of the bandwidth, "
                               f"{at.compute_share:.0%} of the FMA rate; bound by {at.bound}"))
    if not measured or not points:
        return ""
    levels = [(b["level"], b["read_write_per_second"]) for b in measured["bandwidth"] if "level" in b]
    return svg.roofline(levels, measured["flops_per_second"] / 2, points, "roofline")


def best_kiln(row):
    return standing.fastest(c for c in timed(row) if c["name"].startswith("kiln/exact/"))


def ratios(rows):
    bars = []
    for row in rows:
        mine = best_kiln(row)
        for c in timed(row) if mine else []:
            if c is mine or results.is_kiln(c):
                continue
            label = "copy" if c["name"].startswith("copy/") else c["name"]
            times = 1 / results.of_copy(row, mine) if label == "copy" else c["best"] / mine["best"]
            bars.append((f"{short(row['case'])}: {label}", kind(c["name"]), times,
                         f"{mine['name']} takes {1e6 * mine['best']:.4g} us, {c['name']} {1e6 * c['best']:.4g} us"))
    return svg.bars(bars, "x", "ratio to each peer") if bars else ""


def overview(rows, comparison):
    """Layers: exact and fast Kiln against the fastest peer of this comparison; the best first."""
    bars = []
    for row in rows:
        if "/layer/" not in row["case"]:
            continue
        for accuracy in standing.ACCURACIES:
            found = standing.of(row, accuracy)
            if found and found.peers[comparison]:
                times, name = found.times(comparison), short(row["case"]) + ", fast" * (accuracy == "fast")
                bars.append((f"{name}: {found.peers[comparison]['name']}", "good" if times >= 1 else "bad", times,
                             f"{found.kiln['name']} against {found.peers[comparison]['name']}"))
    return svg.bars(sorted(bars, key=lambda b: -b[2]), "x", "layers", narrow=True) if bars else ""
