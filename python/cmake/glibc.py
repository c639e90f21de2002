"""Writes a copy of an archive that asks for symbols of glibc no newer than a version, so that a shared library made of it runs
with that glibc too. A function that has been given a newer version since is there under its old one as well.

    glibc.py --newest 2.28 --cc CC --nm NM --objcopy OBJCOPY --readelf READELF ARCHIVE OUT
"""
import argparse
import re
import subprocess
import sys


def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def versions_of(args):
    """{symbol: {version: whether it is what a reference without a version gets}} of the C library."""
    found = {}
    for library in ("libc.so.6", "libm.so.6"):
        path = output(args.cc, f"-print-file-name={library}").strip()
        for name, default, version in re.findall(r" (\w+)@(@?)GLIBC_([\d.]+)$", output(args.readelf, "--dyn-syms", "-W", path), re.M):
            found.setdefault(name, {})[tuple(map(int, version.split(".")))] = bool(default)
    return found


def undefined(args):
    return {line.split()[-1] for line in output(args.nm, "--undefined-only", args.archive).splitlines() if re.match(r" +U ", line)}


def older(name, versions, newest):
    """The version to ask for by name; None where the default one is old enough."""
    default = next((version for version, is_default in versions.items() if is_default), None)
    if default is None or default <= newest:
        return None
    fitting = [version for version in versions if version <= newest]
    if not fitting:
        sys.exit(f"glibc.py: {name}: expected a version of glibc {'.'.join(map(str, newest))} or older, got {'.'.join(map(str, default))}")
    return ".".join(map(str, max(fitting)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--newest", required=True, type=lambda text: tuple(map(int, text.split("."))))
    for name in ("cc", "nm", "objcopy", "readelf"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("archive")
    parser.add_argument("out")
    args = parser.parse_args()
    known = versions_of(args)
    asked = {name: older(name, known[name], args.newest) for name in sorted(undefined(args) & known.keys())}
    renames = [f"--redefine-sym={name}={name}@GLIBC_{version}" for name, version in asked.items() if version]
    subprocess.run([args.objcopy, *renames, args.archive, args.out], check=True)


if __name__ == "__main__":
    main()
