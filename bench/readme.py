"""`bench readme FILE`: the README's table of layers, between two markers, from a results file."""
import pathlib

from . import results
from .errors import BenchError
from .show import error_text

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- performance: written by `python -m bench readme` from bench/results/readme.json -->"
END = "<!-- /performance -->"


def line(row):
    mine = min((c for c in row["implementations"] if c["name"].startswith("kiln/exact")), key=lambda c: c["best"])
    copy = results.copy_of(row["implementations"])
    peers = [c for c in row["implementations"] if results.is_peer(c)]
    best = min(peers, key=lambda c: c["best"], default=None)
    name, _, layout = row["case"].split("/")
    cells = [name + (", channels-last" if layout == "channels_last" else ""), f"`{row['op']}`", "x".join(map(str, row["shape"])),
             f"{1e-9 * results.bytes_per_second(row, mine):.1f}", f"{copy['best'] / mine['best']:.2f}" if copy else "-",
             f"{best['best'] / mine['best']:.2g} ({best['name']})" if best else "-", error_text(mine) or "-"]
    return "| " + " | ".join(cells) + " |"


def table(file):
    rows = [r for r in file["rows"] if r["threads"] == 1 and "/layer/" in r["case"] and "implementations" in r]
    rows = [r for r in rows if all(c["obtained"] == "measured" for c in r["implementations"])]
    if not rows:
        raise BenchError("no measured layer with one thread in this file")
    machine, peers = file["machine"], file["software"]["peers"]
    versions = ", ".join(f"{n} {v}" for n, v in peers.items() if not n.startswith("copy/")) or "no peers"
    isa = (file["options"]["isas"] or machine["isas"])[0]
    return "\n".join([f"{machine['cpu']}, {isa}, one thread; {versions}; commit {file['software']['commit'][:12]}.", "",
                      "| layer | operator | shape | GB/s | of copy | times the best peer | error |", "|---|---|---|---|---|---|---|",
                      *map(line, rows)])


def readme(args):
    file, path = results.read(args.file), pathlib.Path(args.readme)
    content = path.read_text()
    if content.count(BEGIN) != 1 or content.count(END) != 1:
        raise BenchError(f"{path}: expected the markers {BEGIN} and {END}, once each")
    head, rest = content.split(BEGIN)
    wanted = f"{head}{BEGIN}\n{table(file)}\n{END}{rest.split(END)[1]}"
    if args.check:
        if wanted != content:
            raise BenchError(f"{path}: its table is not that of {args.file}; run python -m bench readme {args.file}")
        return 0
    path.write_text(wanted)
    print(path)
    return 0
