#pragma once

namespace kiln {

// How the target in force spells arithmetic.
//
// ieee:   plain operations, kept as written by Halide's strict intrinsics; a
//         fused multiply-add is an LLVM intrinsic.
// ieee_without_fma: the same, for x86 before FMA3, where that intrinsic would
//         become one call of fmaf per lane.
// cuda:   Halide's PTX back end contracts a * b + c and assumes that no NaN and
//         no infinity exists; the nvvm intrinsics it leaves alone.
// opencl: Halide allows contraction by a pragma, which runtime/device/
//         opencl_launch.cpp turns round. Division is as the device rounds it.
enum class Dialect { ieee, ieee_without_fma, cuda, opencl };

Dialect dialect();

// Whether the compiler may take NaN and infinity for impossible: comparisons
// go by integers then.
inline bool nan_free_compiler() {
  const Dialect d = dialect();
  return d == Dialect::cuda || d == Dialect::opencl;
}

// Whether instructions convert float16: x86's F16C. Rounding to nearest, they give the same bits as integer arithmetic,
// but for NaN. Elsewhere Halide 21 would write its own integer arithmetic for such a conversion.
bool converts_float16();

}  // namespace kiln
