"""What the terminal shows: a heading, a progress bar with the time left, a table a case."""
import contextlib

from rich import box, progress as bars
from rich.console import Console
from rich.table import Table

from . import microarchitecture, standing
from .results import beside_float32, bytes_per_second, dtype_words, is_kiln, of_copy, slowness, threads_words

console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console.width = 160  # a log has no width of its own


def heading(report):
    machine, software = report["machine"], report["software"]
    console.print(f"{microarchitecture.named(machine)}, {machine['architecture']}, {machine['cpus']} CPUs; Kiln {machine['kiln']}, "
                  f"{', '.join(report['options']['isas'] or machine['isas'][:1])}; {machine['compiler']}")
    console.print(f"peers: {peers(software)}; not run: {not_run(software)}", markup=False)


def peers(software):
    return ", ".join(f"{n} {v}" for n, v in software["peers"].items()) or "none"


def not_run(software):
    return ", ".join(f"{n} ({why})" for n, why in software["absent"].items()) or "none"


@contextlib.contextmanager
def progress(total):
    with bars.Progress(bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn(), bars.TextColumn("left"),
                       bars.TimeRemainingColumn(elapsed_when_finished=False), bars.TextColumn("{task.description}"),
                       console=console, transient=True) as bar:
        task = bar.add_task("", total=total, start=True)
        first = [True]

        def step(what):
            if not first[0]:
                bar.advance(task)
            first[0] = False
            bar.update(task, description=what)
        yield step


def error_text(implementation):
    if "error" not in implementation:
        return ""
    if implementation["error"] is None:
        return "not finite"
    return f"{implementation['error']:.2f} ULP" if implementation["error_kind"] == "ulp" else f"{implementation['error']:.1e}"


def title(row):
    shape = "x".join(map(str, row["shape"]))
    return f"{row['case']}  {shape}{dtype_words(row['dtype'])}, {threads_words(row['threads'])}"


def beside_peers(row):
    """A line an accuracy that says how fast Kiln is beside its peers."""
    for accuracy in standing.ACCURACIES:
        found = standing.of(row, accuracy)
        if found:
            parts = [f"{found.times(comparison):.2f} times as fast as {what} ({found.peers[comparison]['name']})"
                     if found.peers[comparison] else "no peer has an error as small" for comparison, what in standing.COMPARISONS.items()]
            yield f"{found.kiln['name']}: {'; '.join(parts)}"


def ending(file):
    """What all cases come to."""
    found = standing.summaries(file["rows"])
    if found:
        console.print(f"\n{standing.READING}.")
    for what, text in found:
        console.print(f"{what}: {text}", markup=False)
    console.print(f"peers that were not run: {not_run(file['software'])}", markup=False)
    cliffs(file)


def cliffs(file):
    """The slow cases of a file, in Markdown: how many times slower they are than their plain ones, and than PyTorch."""
    rows = [r for r in file["rows"] if "plain" in r and "implementations" in r]
    if not rows or rows[0]["implementations"][0]["unit"] != "seconds":
        return
    lines = ["| slow case | shape | threads | times plain | times PyTorch |", "|---|---|---|---|---|"]
    for r in rows:
        factors = ("-" if f is None else f"{f:.2g}" if f < 100 else f"{f:.0f}" for f in slowness(r))
        name, _, layout = r["case"].split("/")
        words = name + f", {layout}" * (layout != "contiguous")
        lines.append(f"| {words} | {'x'.join(map(str, r['shape']))} | {r['threads']} | {' | '.join(factors)} |")
    console.print("\n".join(lines), markup=False)


def row(row):
    if "failure" in row:
        console.print(f"[bold]{title(row)}[/]\n  failed: {row['failure']}", markup=True)
        return
    table = Table(title=title(row), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    in_seconds = row["implementations"][0]["unit"] == "seconds"
    for name in ("GB/s", "median", "of copy", "error") if in_seconds else (row["implementations"][0]["unit"],):
        table.add_column(name, justify="right")
    for c in sorted(row["implementations"], key=lambda c: (not c["name"].startswith("copy"), not is_kiln(c), c["best"])):
        style = "bold" if is_kiln(c) else ""
        if in_seconds:
            speed = 1e-9 * bytes_per_second(row, c)
            table.add_row(c["name"], f"{speed:.1f}", f"{speed * c['best'] / c['median']:.1f}",
                          f"{ratio:.2f}" if (ratio := of_copy(row, c)) else "", error_text(c), style=style)
        else:
            table.add_row(c["name"], f"{c['best']:.0f}", style=style)
    console.print(table)
    for accuracy in standing.ACCURACIES:
        if times := beside_float32(row, accuracy):
            console.print(f"  {accuracy}: {times:.2f} times as many elements a second as on float32", markup=False)
    for line in beside_peers(row):
        console.print(f"  {line}", markup=False)
    for name, why in row.get("left_out", {}).items():
        console.print(f"  {name}: left out: {why}", markup=False)
