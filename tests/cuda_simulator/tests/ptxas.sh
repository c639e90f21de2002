#!/usr/bin/env bash
# ptxas.sh TEST FOLDER: every text that the simulator's tests run is PTX to NVIDIA's assembler too. 77: there is none.
set -euo pipefail
test=$1 folder=$2
if ! command -v ptxas >/dev/null; then
  echo "skipped: ptxas is not installed"
  exit 77
fi
rm -rf "$folder"
mkdir -p "$folder"
KILNSIM_KEEP_PTX=$folder "$test" --gtest_brief=1
count=0
failed=0
for text in "$folder"/*.ptx; do
  ptxas -arch=sm_80 -o "$folder/out.cubin" "$text" || { echo "refused: $text"; failed=1; }
  count=$((count + 1))
done
echo "$count texts"
[ "$count" -ge 200 ] || { echo "expected 200 texts at least"; exit 1; }
exit $failed
