"""The page that shows what examine.py has found out, one file that needs no other."""
from html import escape

import drawing
from examine import faults

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 960px; padding: 0 1rem; color: #222; background: #fff }
h1, h2 { line-height: 1.2 } h2 { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: 1rem }
table { border-collapse: collapse; font-size: 13px; margin: 1rem 0 }
td, th { padding: 3px 10px; text-align: left; border-bottom: 1px solid #ddd }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } code { font-size: 12px }
svg { width: 100%; height: auto; display: block }
.good { color: #1d7a3c } .bad { color: #b3261e; font-weight: 600 } .note { color: #666 } .scroll { overflow-x: auto }
@media (prefers-color-scheme: dark) {
  body { background: #16181d; color: #ddd } td, th { border-color: #333 } h2 { border-color: #444 }
}
"""


def table(heads, rows):
    """Heads that end in > have numbers under them. Cells are HTML."""
    classes = [' class="n"' if head.endswith(">") else "" for head in heads]
    head = "".join(f"<th{kind}>{escape(text.rstrip('>'))}</th>" for text, kind in zip(heads, classes))
    body = "".join("<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, classes)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def mark(good, text):
    return f'<span class="{"good" if good else "bad"}">{escape(text)}</span>'


def write(file, reports, skipped, machine):
    sections = "".join(_section(report) for report in reports)
    left = "".join(f"<li>{escape(name)}: {escape(why)}</li>" for name, why in skipped.items())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Models on Kiln</title><style>{STYLE}</style><h1>Models on Kiln</h1>"
        f"<p>Models that others made, as their packages run them and with Kiln's operators in place of the framework's: "
        f"the same answers, where the time goes, and the bits of what Kiln computed.</p>"
        f'<p class="note">{escape(machine)}</p>{_summary(reports)}'
        + (f"<p>Left out:</p><ul>{left}</ul>" if left else "") + sections + "</html>\n")


def _summary(reports):
    rows = []
    for report in reports:
        found = faults(report)
        least = {who: f"{times[0]:.1f}" for who, times in report["wall"].items()}
        calls = report["bits"] + report["kept"]
        rows.append((f'<a href="#{report["name"]}">{escape(report["name"])}</a>',
                     mark(not report["differs"], report["differs"] or "the same"),
                     ", ".join(f"{count} {name}" for name, count in report["nodes"].items()),
                     mark(not any(row["differs"] for row in calls), f"{len(calls)} calls"),
                     f'<span class="note">no: {escape(report["aarch64_lacks"])}</span>' if report["aarch64_lacks"] else
                     mark(not any(row["aarch64_differs"] for row in calls),
                          f"{sum(row['aarch64'] is not None for row in calls)} calls"),
                     least["stock"], least["kiln"], mark(not found, "yes" if not found else "no")))
    return table(("model", "answer", "calls of Kiln", "same bits here", "on AArch64", "stock, ms>", "Kiln, ms>", "all well"), rows)


def _section(report):
    parts = [f'<h2 id="{report["name"]}">{escape(report["title"])}</h2>']
    parts += [f'<p class="bad">{escape(fault)}</p>' for fault in faults(report)]
    parts.append({"rapidocr": _ocr, "silero-vad": _speech, "ddddocr": _letters}.get(report["name"], _numbers)(report))
    parts.append(f'<p>Bound: {escape(report["bound"])}.</p>')
    for name, why in report.get("left", {}).items():
        parts.append(f'<p class="note">Left to PyTorch: {escape(name)}: {escape(why)}, and others alike</p>')
        break
    parts += [_times(report), _bits(report)]
    return "".join(parts)


def _ocr(report):
    stock, ours = report["answers"]["stock"], report["answers"]["kiln"]
    rows = [(escape(a[0]), escape(b[0]), f"{a[1]:.5f}", f"{b[1]:.5f}") for a, b in zip(stock, ours)]
    return drawing.lines_of_text(report["question"], ours) + table(("stock reads", "Kiln reads", "score>", "score>"), rows)


def _speech(report):
    (stock, chances), (ours, on_kiln) = report["answers"]["stock"], report["answers"]["kiln"]
    far = max(abs(a - b) for a, b in zip(chances, on_kiln))
    rows = [(i + 1, *a, *b) for i, (a, b) in enumerate(zip(stock, ours))]
    return (drawing.waveform(report["question"], ours, on_kiln)
            + table(("segment", "stock from>", "to>", "Kiln from>", "to>"), rows)
            + f"<p>Samples of 16 kHz. Of {len(chances)} probabilities none differs by more than {far:.1e}.</p>")


def _letters(report):
    rows = [(str(a), str(b)) for a, b in zip(report["answers"]["stock"], report["answers"]["kiln"])]
    return drawing.letters(report["question"], report["answers"]["kiln"]) + table(("stock finds", "Kiln finds"), rows)


def _numbers(report):
    errors = report["errors"]
    return (f"<p>Random weights from a seed. Kiln's result differs from stock's by {report['distance']:.1e} of the largest "
            f"magnitude; from the same model in float64 stock differs by {errors['stock']:.1e}, Kiln by {errors['kiln']:.1e}.</p>")


#: What stock makes of the nodes that are one of Kiln's.
STOCKS = {"Mul + Sigmoid": {"QuickGelu"}}


def _times(report):
    stock, ours = report["times"]["stock"], report["times"]["kiln"]
    kilns = {kind for kind, on_kiln in ours if on_kiln}
    concerned = kilns.union(*(kind.split(" + ") for kind in kilns), *(STOCKS.get(kind, ()) for kind in kilns))

    def of(times, name):
        found = [value for (kind, _), value in times.items() if kind == name]
        return sum(found) if found else None

    rows = [(name, of(stock, name), of(ours, name)) for name in {kind for kind, _ in (*stock, *ours)}]
    rows.sort(key=lambda row: (row[0] not in concerned, -sum(value or 0 for value in row[1:])))
    shown = [row for row in rows if row[0] in concerned]
    most = len(shown) + 8
    cells = [(escape(name) + (" <b>Kiln</b>" if name in kilns else ""), *("" if v is None else f"{v:,.0f}" for v in pair))
             for name, *pair in rows[:most]]
    rest = [sum(row[column] or 0 for row in rows[most:]) for column in (1, 2)]
    cells += [("the rest", *(f"{v:,.0f}" for v in rest))] if len(rows) > most else []
    cells.append(("sum", *(f"{sum(times.values()):,.0f}" for times in (stock, ours))))
    wall = "; ".join(f"{who} {least:.1f} ms at least, {median:.1f} in the median"
                     for who, (least, median) in report["wall"].items())
    return ("<h3>Time by type of node, one thread, the least of the rounds</h3>" + drawing.bars(shown)
            + table(("type of node", "stock, us>", "with Kiln, us>"), cells)
            + f'<p class="note">A whole answer: {escape(wall)}.</p>')


def _bits(report):
    sets, threads = report["settings"]
    text = (f"Of {report['calls']} calls, {report['calls'] - report['calls_differ']} have the bits of Kiln's function. One of "
            f"each kind is computed again with {', '.join(sets)}, and {', '.join(map(str, threads))} threads")
    text += (f"; not on AArch64: {report['aarch64_lacks']}." if report["aarch64_lacks"] else
             ", the largest of each operator on AArch64 under qemu, too; and the recorded ones.")
    rows = []
    for kind, found in (("", report["bits"]), (" (recorded)", report["kept"])):
        for row in found:
            here = mark(not row["differs"], "same" if not row["differs"] else f"{len(row['differs'])} differ")
            there = mark(not row["aarch64_differs"], "differs" if row["aarch64_differs"] else "same")
            there = "" if row["aarch64"] is None else there
            rows.append((row["operator"] + kind, escape(row["place"]), " x ".join(map(str, row["shape"])),
                         f"<code>{row['sha256'][:16]}</code>", here, there))
    heads = ("operator", "place", "input", "SHA-256 of the result", "instruction sets, threads", "AArch64")
    return f"<h3>Bits</h3><p>{escape(text)}</p><details><summary>{len(rows)} calls</summary>{table(heads, rows)}</details>"
