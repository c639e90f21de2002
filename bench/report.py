"""`bench report FILE`: one HTML file that opens without a network: speed against size, ratios to each peer, rooflines."""
import html
import pathlib

from . import charts, microarchitecture, results, roofline, standing, table as operator_table
from .show import error_text, not_run, peers

CSS = (pathlib.Path(__file__).resolve().parent / "page.css").read_text()
HOW = {"measured": "timed on the machine", "emulated": "timed under an emulator: not a speed",
       "estimate": "an estimate by llvm-mca, not measured", "counted": "instructions counted by callgrind, no time",
       "static": "read from the compiler's output, not measured"}


def obtained(file):
    return sorted({c["obtained"] for r in file["rows"] for c in r.get("implementations", [])}
                  | {k["obtained"] for k in file.get("kernels", [])})


def facts(file):
    machine, software, options = file["machine"], file["software"], file["options"]
    caches = ", ".join(f"{k} {v >> 10} KiB" for k, v in sorted(machine["caches"].items())) or "not known"
    rows = [("machine", f"{microarchitecture.named(machine)}, {machine['architecture']}, {machine['cpus']} CPUs, caches {caches}"),
            ("figures", "; ".join(f"{k}: {HOW[k]}" for k in obtained(file)) or "none"),
            ("library", f"Kiln {machine['kiln']}, commit {software['commit'][:12]}{' and changes' if software['modified'] else ''}, "
                        f"instruction sets {', '.join(options['isas'] or machine['isas'][:1])}; {machine['compiler']}"),
            ("peers", peers(software)), ("peers that were not run", not_run(software)),
            ("rounds", f"{options['rounds']} of {1e3 * options['seconds']:g} ms an implementation, interleaved; the best round is shown"),
            ("started", file["started"])]
    if options["runner"]:
        rows.append(("runner", options["runner"]))
    return '<dl class="facts">' + "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in rows) + "</dl>"


def warnings(file):
    parts = []
    if not file["complete"]:
        parts.append("The run was interrupted: cases are missing.")
    if set(obtained(file)) - {"measured"}:
        parts.append("These are no measured times: see figures.")
    parts += [f"{r['case']}{results.dtype_words(r['dtype'])}, {r['threads']} threads: failed: {r['failure']}" for r in file["rows"] if "failure" in r]
    return "".join(f'<p class="warn">{html.escape(p)}</p>' for p in parts)


def figure_rows(file, row):
    for c in sorted(row["implementations"], key=lambda c: c["best"]):
        at = roofline.point(file, row, c) if results.is_kiln(c) else None
        if c["unit"] == "seconds":
            copied = results.of_copy(row, c)
            speed, ratio = f"{1e-9 * results.bytes_per_second(row, c):.1f}", f"{copied:.2f}" if copied else ""
        else:
            speed, ratio = f"{c['best']:.0f} {c['unit']}", ""
        beside = standing.of(row, c["name"].split("/")[1]) if results.is_kiln(c) else None
        times = [f"{beside.times(which):.2f}" if beside and beside.kiln is c and beside.peers[which] else "" for which in standing.COMPARISONS]
        share = f"{at.memory_share:.0%} / {at.compute_share:.0%}" if at else ""
        noise = f"{100 * (c['median'] / c['best'] - 1):.0f} %" if c["best"] else ""
        yield [row["case"] + results.dtype_words(row["dtype"]), str(row["threads"]), c["name"], speed, noise, ratio, error_text(c), *times, share, at.bound if at else "",
               c["obtained"]]


def table(file, rows):
    heads = ["case", "threads", "implementation", "GB/s", "median above best", "of copy", "error",
             *(f"times as fast as {peer}" for peer in standing.COMPARISONS.values()), "of bandwidth / of FMA rate", "bound by", "obtained"]
    body = "".join("<tr>" + "".join(f'<td{" class=n" if 3 <= i <= 9 else ""}>{html.escape(v)}</td>' for i, v in enumerate(line))
                   + "</tr>" for row in rows for line in figure_rows(file, row))
    head = "".join(f'<th{" class=n" if 3 <= i <= 9 else ""}>{h}</th>' for i, h in enumerate(heads))
    return f"<details><summary>the figures</summary><table><tr>{head}</tr>{body}</table></details>"


def kernels(file):
    """The table of bench static."""
    if not file.get("kernels"):
        return ""
    heads = ["kernel", "architecture", "registers", "threads a block", "room for threads, at most", "spills", "arithmetic in the PTX"]
    lines = [[k["kernel"], k["architecture"], k["registers"], k["threads"], f"{k['occupancy']:.0%}", ", ".join(k["spills"]) or "none",
              ", ".join(f"{n} {v}" for n, v in k["arithmetic"].items())] for k in file["kernels"]]
    body = "".join("<tr>" + "".join(f"<td>{html.escape(str(v))}</td>" for v in line) + "</tr>" for line in lines)
    return card("CUDA kernels, by ptxas: no times", f"<table><tr>{''.join(f'<th>{h}</th>' for h in heads)}</tr>{body}</table>")


def card(title, content):
    return f'<div class="card"><h3>{html.escape(title)}</h3>{content}</div>' if content else ""


def alike(rows):
    """[(what they are, rows of one element type and number of threads)]"""
    found = {}
    for row in sorted(rows, key=lambda r: (list(operator_table.BYTES).index(r["dtype"]), r["threads"])):
        found.setdefault(results.threads_words(row["threads"]) + results.dtype_words(row["dtype"]), []).append(row)
    return list(found.items())


def operator_section(file, op, rows):
    parts = [f'<h2 id="{op}">{op}</h2>']
    for named, here in alike(rows):
        threads = here[0]["threads"]
        parts.append('<div class="row">' + "".join(card(f"{name}: speed against size, {named}", chart)
                                                   for name, chart in charts.speeds(here).items())
                     + card(f"Roofline, {named}", charts.roof(file, here, threads)) + "</div>")
        parts.append(card(f"Exact Kiln, times as fast as each peer (above 1: Kiln is ahead), {named}", charts.ratios(here)))
    return "".join(parts) + table(file, rows)


def headline(rows):
    """Both comparisons: in how many cases Kiln is ahead, and a bar for each layer."""
    lines = "".join(f"<dt>{html.escape(what)}</dt><dd>{html.escape(text)}</dd>" for what, text in standing.summaries(rows))
    parts = [f'<p>{standing.READING}.</p><dl class="facts">{lines}</dl>' if lines else ""]
    for named, here in alike(rows):
        cards = "".join(card(f"Layers of models, {named}: times as fast as {peer} (above 1: Kiln is ahead)",
                             charts.overview(here, comparison)) for comparison, peer in standing.COMPARISONS.items())
        parts.append(f'<div class="row">{cards}</div>' if cards else "")
    return "".join(parts)


def page(file):
    rows = [r for r in file["rows"] if "implementations" in r]
    found = {r["op"] for r in rows}
    ops = [op for op in operator_table.operators(None) if op in found]
    links = "".join(f'<a href="#{op}">{op}</a>' for op in ops)
    sections = "".join(operator_section(file, op, [r for r in rows if r["op"] == op]) for op in ops)
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Kiln: benchmark</title>'
            f'<meta name="viewport" content="width=device-width"><style>{CSS}</style></head><body><h1>Kiln: benchmark</h1>'
            f'<p class="soft">GB/s count one read and one write of the tensor, of a gradient two reads and one write. Copy is the fastest of memcpy, a vector loop and '
            f"PyTorch's copy. Point at a mark for its figure.</p>{facts(file)}{warnings(file)}<nav>{links}</nav>"
            f"{charts.legend(rows)}{headline(rows)}{kernels(file)}{sections}</body></html>\n")


def report(args):
    file = results.read(args.file)
    out = pathlib.Path(args.out or pathlib.Path(args.file).with_suffix(".html"))
    out.write_text(page(file))
    print(out)
    return 0
