#!/usr/bin/env bash
# usage: check_api_docs.sh SOURCE_DIR INCLUDE_DIR WORK_DIR
# The reference of the API is made of the headers without a warning and has what they declare; what is not documented is
# refused by name, and so is a machine without doxygen.
set -euo pipefail
source=$1 include=$2 work=$3
fail() { echo "docs.api: $*"; exit 1; }
rm -rf "$work"
mkdir -p "$work"

"$source/scripts/docs.sh" "$include" "$work/html" >"$work/log" 2>&1 || { cat "$work/log"; fail "the headers' documentation has faults"; }
for word in kiln_layer_norm kiln_context_create KILN_STATUS_UNSUPPORTED_CPU DLManagedTensorVersioned ConstView LayerNormOptions \
  'Ba, Kiros, Hinton 2016'; do
  grep -rqF --include='*.html' -- "$word" "$work/html" || fail "the pages have no $word"
done
grep -q 'kiln_sigmoid.*NULL' "$work/html/index.html" || fail "the first page has no example"
if grep -rqE --include="*.html" --exclude="*_source.html" "detail::|namespace throwing" "$work/html"; then fail "the pages show what the headers hide"; fi

# A fault in a copy: FILE, what sed does to it, and what must be said.
refused() {
  rm -rf "$work/include"
  cp -r "$include" "$work/include"
  sed -i "$2" "$work/include/kiln/$1"
  ! cmp -s "$include/kiln/$1" "$work/include/kiln/$1" || fail "$1 has nothing for: $2"
  if "$source/scripts/docs.sh" "$work/include" "$work/faulty" >"$work/log" 2>&1; then fail "$1 was accepted after: $2"; fi
  grep -q "$3" "$work/log" || { cat "$work/log"; fail "$3 is not named"; }
}
refused kiln.h '/@param num_groups/d' num_groups
refused kiln.h 's/@param size /@param length /' length
refused kiln.h 's|^kiln_status kiln_kernel_at|int kiln_undocumented(void);\n\n&|' kiln_undocumented
refused kiln.h '/@return 1 to 255/s/@return//' kiln_context_num_threads
refused kiln_dlpack.h 's|/\*\*< The rank. \*/||' ndim
refused view.hpp '/The view of an address on a device/d' 'class kiln::View'
refused operators.hpp '/kiln_rms_norm: /d' rms_norm

mkdir "$work/bin"
for tool in bash realpath dirname env; do ln -s "$(command -v $tool)" "$work/bin"; done
if PATH=$work/bin "$source/scripts/docs.sh" "$include" "$work/none" >"$work/log" 2>&1; then fail "it ran without doxygen"; fi
grep -q 'apt-get install --no-install-recommends doxygen' "$work/log" || fail "it does not say how to get doxygen"
rm -rf "$work"
