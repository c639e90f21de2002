#!/usr/bin/env bash
# usage: docs.sh INCLUDE_DIR OUT_DIR
# Writes the reference of the API, from the headers that are installed, into OUT_DIR as HTML. What is not documented, or
# wrongly, is an error: of kiln.h and kiln_dlpack.h every parameter and result too.
set -euo pipefail
include=$(realpath "$1") out=$(realpath -m "$2")
cd "$(dirname "$0")/.."
if ! command -v doxygen >/dev/null; then
  echo "docs: error: doxygen is missing; on Debian or Ubuntu: sudo apt-get install --no-install-recommends doxygen" >&2
  exit 1
fi
header=$include/kiln/kiln.h
number() { sed -n "s/^#define KILN_VERSION_$1 //p" "$header"; }
export KILN_VERSION=$(number MAJOR).$(number MINOR).$(number PATCH)
mkdir -p "$out"

export KILN_INCLUDE=$include KILN_DOCS=$out KILN_EVERY_PARAMETER=NO
doxygen docs/api/Doxyfile
# Parameters and results are looked at alone.
KILN_EVERY_PARAMETER=YES KILN_DOCS=$(mktemp -d)
trap 'rm -rf "$KILN_DOCS"' EXIT
doxygen <(cat docs/api/Doxyfile; echo "INPUT = $include/kiln/kiln.h $include/kiln/kiln_dlpack.h")
echo "docs: $out/index.html"
