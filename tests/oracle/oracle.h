// The reference: every operator in float64, written from its definition, and the elementwise ones also in MPFR at any
// precision. Nothing here knows of the kernels.
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <vector>

namespace kiln::oracle {

// For each elementwise operator `name`:
//   double name(double x)
//       f(x) for a float32 x, with a relative error of a few 2^-53 wherever the result is a normal double. NaN,
//       infinities and signed zeros as PyTorch.
//   void name(mpfr_t result, const mpfr_t x)
//       f(x) with a relative error below 2^(1 - p), p the precision of `result`.
#define KILN_POINTWISE(name, accuracies, formula) \
  double name(double x);                          \
  void name(mpfr_t result, const mpfr_t x);
#include <kiln/operators.def>

struct PointwiseOracle {
  const char *name;
  double (*value)(double);
  void (*exact)(mpfr_t result, const mpfr_t x);
};

// One entry a row of operators.def, in its order.
const std::vector<PointwiseOracle> &pointwise_oracles();
// The entry of that name; aborts where there is none.
const PointwiseOracle &pointwise_oracle(const char *name);

// A normalization's result for one element.
struct Normalized {
  double value;
  // What an absolute error is relative to: with x^ the element before weight and bias, max(1, |x^|) |weight| + |bias|.
  double magnitude;
};

// torch.nn.functional.layer_norm over `rows` rows of `length` elements, dense and row-major. weight, bias: NULL, or
// `length` values.
std::vector<Normalized> layer_norm(const float *x, int64_t rows, int64_t length, const float *weight, const float *bias,
                                   double eps);

}  // namespace kiln::oracle
