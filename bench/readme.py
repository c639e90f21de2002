"""`bench readme [FILE ...]`: the README's tables of layers, one a machine, between two markers, from results files; those of gradients
behind the others."""
import pathlib

from . import microarchitecture, results, show, standing, table as operator_table
from .errors import BenchError

ROOT = pathlib.Path(__file__).resolve().parent.parent
MACHINES = ROOT / "bench/results/machines"
BEGIN = "<!-- performance: written by `python3 -m bench readme` from bench/results/machines/ -->"
END = "<!-- /performance -->"
GRADIENTS = ("The same layers' gradients, of input, weight and bias, given the forward direction's statistics. Here GB/s count two reads and "
             "one write.")


def files_of(folder):
    """Of the machines, without those that a later run has replaced."""
    return [path for path in sorted(folder.glob("*.json")) if not path.name.endswith(".previous.json")]


def layers(file):
    """{element type: {threads: {case: row}}} of the layers that were measured."""
    found = {}
    for row in file["rows"]:
        if ("implementations" in row and row["case"].split("/")[1] == "layer"
                and all(c["obtained"] == "measured" for c in row["implementations"])):
            found.setdefault(row["dtype"], {}).setdefault(row["threads"], {})[row["case"]] = row
    return {dtype: dict(sorted(by_threads.items())) for dtype, by_threads in found.items()}


def times(row, accuracy):
    """The cells of both comparisons."""
    found = row and standing.of(row, accuracy)
    for comparison in standing.COMPARISONS:
        peer = found and found.peers[comparison]
        yield f"{found.times(comparison):.2f} {peer['name']}" if peer else "-"


def line(case, by_threads):
    one, *others = by_threads
    row = by_threads[one][case]
    mine = standing.fastest(c for c in row["implementations"] if c["name"].startswith("kiln/exact/"))
    copied = results.of_copy(row, mine)
    name, _, layout = case.split("/")
    cells = [name + (", channels-last" if layout == "channels_last" else ""), "x".join(map(str, row["shape"])),
             f"{1e-9 * results.bytes_per_second(row, mine):.1f}", f"{copied:.2f}" if copied else "-", *of_float32(row),
             show.error_text(mine) or "-", *times(row, "exact"), *times(row, "fast")]
    for threads in others:
        cells += times(by_threads[threads].get(case), "exact")
    return "| " + " | ".join(cells) + " |"


def of_float32(row):
    """The cell of other element types."""
    if row["dtype"] != "float32":
        times = results.beside_float32(row)
        yield f"{times:.2f}" if times else "-"


def table(dtype, by_threads):
    one, *others = by_threads
    heads = ["layer", "shape", "GB/s", "of copy", *(["elements a second, of float32"] if dtype != "float32" else []), "error"]
    for what in ("exact", "fast", *(f"exact, {results.threads_words(threads)}" for threads in others)):
        heads += [f"{what}: times the fastest peer's speed", "of no larger error"]
    rows = [line(case, by_threads) for case in by_threads[one]]
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *rows]


def about(file):
    """The machine, its date and its peers, in a paragraph."""
    machine, software = file["machine"], file["software"]
    isa = (file["options"]["isas"] or machine["isas"])[0] + "".join(map(results.dtype_words, file["options"]["dtypes"]))
    isa += ", gradients" * (file["options"]["direction"] == "backward")
    peers = ", ".join(f"{n} {v}" for n, v in software["peers"].items() if not n.startswith("copy/")) or "none"
    absent = "; ".join(f"{n}: {why}" for n, why in software["absent"].items() if not n.startswith("copy/")) or "none"
    return (f"**{microarchitecture.named(machine)}**, {machine['cpus']} CPUs, {isa}, {file['started'][:10]}, commit "
            f"{software['commit'][:12]}. Peers: {peers}. Not run: {absent}.")


def section(file, name):
    found = layers(file)
    if not found:
        raise BenchError(f"{name}: no measured layer in this file")
    summaries = [f"- {what.removeprefix('layers, ')}: {text}" for what, text in standing.summaries(
        [row for by_threads in found.values() for rows in by_threads.values() for row in rows.values()])]
    return "\n".join([about(file), "", *(summaries or ["- no peer was run"]), *(
        line for dtype, by_threads in found.items() for line in ("", *details(dtype, by_threads)))])


def details(dtype, by_threads):
    one = min(by_threads)
    return ["<details>", f"<summary>{len(by_threads[one])} layers{results.dtype_words(dtype)}, {results.threads_words(one)} where no other "
            "number is said</summary>", "", *table(dtype, by_threads), "", "</details>"]


def block(files):
    """`files`: {name: results}; the newest first."""
    newest = sorted(files.items(), key=lambda item: item[1]["started"], reverse=True)
    of = {direction: [section(file, name) for name, file in newest if file["options"]["direction"] == direction]
          for direction in operator_table.directions()}
    return "\n\n".join([f"{standing.READING}. Of no larger error: exact Kiln beside peers of at most {limits(newest)}, fast Kiln "
                        "beside peers of at most its own error.", *of["forward"], *([GRADIENTS] if of["backward"] else []), *of["backward"]])


def limits(files):
    """Of the class of exact Kiln, in each of the files' element types."""
    there = {dtype for _, file in files for dtype in file["options"]["dtypes"]} - {"float32"}
    wide = standing.CLASS["float32"]
    return f"{wide['ulp']:g} ULP (activations) or {wide['absolute']:.0e} (normalizations)" + "".join(
        f", in {dtype} {of['ulp']:g} ULP or {of['absolute']:.0e}" for dtype, of in standing.CLASS.items() if dtype in there)


def readme(args):
    paths, path = [pathlib.Path(f) for f in args.file] or files_of(MACHINES), pathlib.Path(args.readme)
    if not paths:
        raise BenchError(f"{MACHINES}: no results file; python3 -m bench run --record writes this machine's")
    try:
        content = path.read_text()
    except OSError as e:
        raise BenchError(f"{path}: {e.strerror}") from e
    if content.count(BEGIN) != 1 or content.count(END) != 1:
        raise BenchError(f"{path}: expected the markers {BEGIN} and {END}, once each")
    head, rest = content.split(BEGIN)
    wanted = f"{head}{BEGIN}\n{block({str(p): results.read(p) for p in paths})}\n{END}{rest.split(END)[1]}"
    if args.check:
        if wanted != content:
            raise BenchError(f"{path}: its tables are not those of {', '.join(map(str, paths))}; run python3 -m bench readme")
        return 0
    path.write_text(wanted)
    print(path)
    return 0
