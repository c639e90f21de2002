#!/usr/bin/env bash
# usage: check_dlpack.sh CC CXX HEADER_DIR ARCHIVE DLPACK_DIR WORK_DIR
# kiln.h and kiln.hpp compile with any dlpack.h from 0.6 on, before it and after it, and leave an app all that its own
# declares; without one, with Kiln's declarations. In all cases types and numbers are the library's: a program of each kind
# runs. Real headers of the system and of Python's packages are tried too, where there are any.
set -euo pipefail
cc=$1 cxx=$2 headers=$3 archive=$4 tests=$5 work=$6
read -ra runner <<<"${KILN_RUNNER:-}"
fail() { echo "dlpack: $*"; exit 1; }
rm -rf "$work"
mkdir -p "$work/none"

cat >"$work/layout.h" <<'END'
#include <stddef.h>
#include <stdio.h>
static int layout(void) {
  float x = 0;
  int64_t shape[1] = {1};
  DLTensor t;
  t.data = &x;
  t.device.device_type = kDLCPU;
  t.device.device_id = 0;
  t.ndim = 1;
  t.dtype.code = kDLFloat;
  t.dtype.bits = 32;
  t.dtype.lanes = 1;
  t.shape = shape;
  t.strides = 0;
  t.byte_offset = 0;
  printf("%zu %zu %zu %zu %zu %zu %zu, %zu %zu, %zu %zu %zu, %d %d %d %d %d %d %d, %d\n", sizeof t, offsetof(DLTensor, device),
         offsetof(DLTensor, ndim), offsetof(DLTensor, dtype), offsetof(DLTensor, shape), offsetof(DLTensor, strides),
         offsetof(DLTensor, byte_offset), sizeof(DLDevice), offsetof(DLDevice, device_id), sizeof(DLDataType),
         offsetof(DLDataType, bits), offsetof(DLDataType, lanes), kDLCPU, kDLCUDA, kDLCUDAHost, kDLOpenCL, kDLROCMHost,
         kDLCUDAManaged, kDLFloat, sizeof(DLManagedTensor) == sizeof t + 16);
  return kiln_sigmoid(NULL, &t, &t) == KILN_STATUS_OK && x == 0.5f ? 0 : 1;
}
int main(void) { return layout(); }
END
expected="48 8 16 20 24 32 40, 8 4, 4 1 2, 1 2 3 4 11 13 2, 1"

# Compiles INCLUDES in the order given, then NAMES of types, for `what`, with -I DIR; runs it.
try() {
  local what=$1 dir=$2 includes=$3 names=$4 name program language
  for language in c c++; do
    program=$work/program.$language
    { printf '%s\n' "$includes"
      for name in $names; do echo "static void *use_$name(struct $name *p) { return p; }"; done
      for name in $names; do echo "void *(*keep_$name)(struct $name *) = use_$name;"; done
      cat "$work/layout.h"; } >"$program"
    if [ $language = c ]; then
      "$cc" -std=c11 -pedantic-errors -Wall -Wextra -Werror -I"$dir" -I"$headers" -x c "$program" -x none "$archive" \
        -lpthread -ldl -lm -o "$work/program" || fail "$what: does not compile as C"
    else
      "$cxx" -std=c++17 -Wall -Wextra -Werror -I"$dir" -I"$headers" -x c++ "$program" -x none "$archive" -lpthread -ldl \
        -lm -o "$work/program" || fail "$what: does not compile as C++"
    fi
    printed=$("${runner[@]}" "$work/program") || fail "$what: sigmoid is wrong as $language"
    [ "$printed" = "$expected" ] || fail "$what: expected the layout $expected as $language, got $printed"
  done
}

kiln='#include <kiln/kiln.h>
#ifdef __cplusplus
#include <kiln/kiln.hpp>
#endif'
both_orders() { # WHAT DIR NAMES
  try "$1, before kiln.h" "$2" "#include <dlpack/dlpack.h>
$kiln" "$3"
  try "$1, after kiln.h" "$2" "$kiln
#include <dlpack/dlpack.h>" "$3"
}

for version in 0.6 1.3; do
  names=DLManagedTensor
  [ $version = 0.6 ] || names="DLManagedTensor DLManagedTensorVersioned DLPackExchangeAPI"
  both_orders "dlpack.h $version" "$tests/$version" "$names"
  # By a path of the app's own, which kiln.h cannot know.
  try "dlpack.h $version by another path" "$work/none" "#include \"$tests/$version/dlpack/dlpack.h\"
$kiln" "$names"
done

# Kiln's own: where no <dlpack/dlpack.h> is found, which the compiler is told by a folder that hides the system's.
try "kiln_dlpack.h" "$work/none" "#include <kiln/kiln_dlpack.h>
$kiln" "DLManagedTensor DLManagedTensorVersioned"
if ! echo '#include <dlpack/dlpack.h>' | "$cc" -fsyntax-only -x c - 2>/dev/null; then
  try "no dlpack.h" "$work/none" "$kiln" "DLManagedTensor DLManagedTensorVersioned"
fi

found=0
for header in /usr/include/dlpack/dlpack.h $(python3 - <<'END'
import glob, sys
for place in sys.path:
    print(*glob.glob(place + "/*/include/dlpack/dlpack.h"), *glob.glob(place + "/*/include/ATen/dlpack.h"))
END
); do
  [ -f "$header" ] || continue
  found=$((found + 1))
  try "$header, before kiln.h" "$work/none" "#include \"$header\"
$kiln" DLManagedTensor
  case $header in
    */dlpack/dlpack.h) both_orders "$header" "${header%/dlpack/dlpack.h}" DLManagedTensor ;;
  esac
done
echo "2 versions and $found headers that are installed"
rm -rf "$work"
