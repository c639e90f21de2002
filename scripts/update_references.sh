#!/usr/bin/env bash
# usage: update_references.sh OPERATOR...
# Writes what the tests hold an operator to, from the build in build/release: PyTorch's results where .venv-peers is there
# (scripts/bench_peers.sh), the digests of its samples, of an elementwise operator those of all 2^32 inputs (minutes), the
# rows of its CUDA kernels in the table of PTX, and the declarations of kiln.h. Digests are written only of results that
# are the oracle's.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/.venv/bin:$PATH
[ $# -gt 0 ] || { sed -n 's/^# //p' "$0" | sed -n 1,5p; exit 2; }
build=build/release

if [ -x .venv-peers/bin/python ]; then
  .venv-peers/bin/python scripts/make_torch_reference.py "$@"
else
  echo "update_references: PyTorch's results are left as they are: .venv-peers is missing. scripts/bench_peers.sh makes it;" \
    "a virtual environment with torch and numpy is enough for scripts/make_torch_reference.py $*"
fi

ninja -C $build digests_test element_types_test normalization_types_test normalization_gradient_test kiln_tool
for operator in "$@"; do
  echo "update_references: digests of $operator"
  family=$(PYTHONPATH=scripts python3 -Bc 'import pathlib, sys
from operator_table import table
rows = table.load(pathlib.Path("operators.toml"), table.stages_of(pathlib.Path("stages.def")))
print({row.name: row.family for row in rows}[sys.argv[1]])' "$operator")
  if [[ "$family" = *_backward && "$family" != elementwise* ]]; then
    KILN_TESTS_WRITE_DIGESTS=1 $build/tests/normalization_gradient_test --gtest_brief=1 \
      --gtest_filter="*DigestsAreTheRepositorys/${operator}_on_baseline:*DigestsAreTheRepositorys/${operator}_on_neon"
    continue
  fi
  KILN_TESTS_WRITE_DIGESTS=1 $build/tests/digests_test --gtest_brief=1 \
    --gtest_filter="*OfRightResultsAreTheRepositorys/${operator}_on_baseline:*OfRightResultsAreTheRepositorys/${operator}_on_neon"
  types=normalization_types_test
  [[ "$family" != elementwise* ]] || types=element_types_test
  KILN_TESTS_WRITE_DIGESTS=1 $build/tests/$types --gtest_brief=1 \
    --gtest_filter="*DigestsAreTheRepositorys/${operator}_on_baseline:*DigestsAreTheRepositorys/${operator}_on_neon"
  if [[ "$family" = elementwise* ]]; then
    for stride in 4099 257 1; do
      $build/bin/kiln verify "$operator" --stride $stride --write-digests tests/digests/all_inputs.json
    done
  fi
done
python3 -B tests/scripts/check_abi.py --write $build/generated/include/kiln/kiln.h tests/abi/declarations.txt
python3 -B tests/scripts/check_ptx.py --table tests/ptx/cuda_sm80.json --kernels $build/kernels --write
