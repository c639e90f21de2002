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
// A gradient's are of a grad_output of 1: the derivative.
#define KILN_ELEMENTWISE(name) \
  double name(double x);       \
  void name(mpfr_t result, const mpfr_t x);
#define KILN_ELEMENTWISE_BACKWARD KILN_ELEMENTWISE
#include <elementwise.inc>

struct ElementwiseOracle {
  const char *name;
  double (*value)(double);
  void (*exact)(mpfr_t result, const mpfr_t x);
  bool gradient;
};

// One entry an elementwise operator or gradient, in the table's order.
const std::vector<ElementwiseOracle> &elementwise_oracles();
// The entry of that name; aborts where there is none.
const ElementwiseOracle &elementwise_oracle(const char *name);

// grad_output times a gradient's derivative at x.
double gradient(const ElementwiseOracle &derivative, double grad_output, double x);

// How far an exact result of float32 may be from f(x), or a gradient from grad_output times it, in ULP.
inline double exact_bound(const ElementwiseOracle &of) { return of.gradient ? 0.51 : 1.0; }
// How far a fast result of float32 may be from f(x), in ULP of fast_magnitude, where it is normal.
inline double fast_bound(const ElementwiseOracle &of) { return of.gradient ? 5.0 : 4.0; }
// |f(x)|, but that ULP are those of 1/8 and more where a derivative crosses zero: silu's and mish's, between -4 and 0.
double fast_magnitude(const ElementwiseOracle &of, double x, double value);

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

// The extents of a dense, row-major tensor (N, C, *), its spatial dimensions taken as one.
struct Volume {
  int64_t samples, channels, space;
};

// What the normalizations with running statistics are given: NULL, or one value per channel each.
struct ChannelParameters {
  const float *running_mean = nullptr, *running_var = nullptr, *weight = nullptr, *bias = nullptr;
};

struct WithStatistics {
  std::vector<Normalized> output;
  // After the call; empty where they were not given. An error of the mean is relative to |1 - momentum| |running| +
  // |momentum| (|mean| + deviation), one of the variance to the same of variances.
  std::vector<Normalized> running_mean, running_var;
};

// torch.nn.functional.batch_norm. Where `training`, an empty batch leaves the running statistics.
WithStatistics batch_norm(const float *x, const Volume &volume, const ChannelParameters &parameters, bool training,
                          double momentum, double eps);

// torch.nn.functional.instance_norm. An empty batch or an empty space leaves the running statistics.
WithStatistics instance_norm(const float *x, const Volume &volume, const ChannelParameters &parameters,
                             bool use_input_stats, double momentum, double eps);

// torch.nn.functional.group_norm. weight, bias: NULL, or one value per channel.
std::vector<Normalized> group_norm(const float *x, const Volume &volume, int64_t num_groups, const float *weight,
                                   const float *bias, double eps);

// torch.nn.functional.local_response_norm.
std::vector<double> local_response_norm(const float *x, const Volume &volume, int64_t size, double alpha, double beta,
                                        double k);

// torch.nn.functional.normalize of a dense, row-major tensor over the dimensions `dim`, negative ones counted from the
// end, all of them where it is empty. The norm is that of exact powers: no |x|^p overflows.
std::vector<double> normalize(const float *x, const std::vector<int64_t> &shape, double p,
                              const std::vector<int64_t> &dim, double eps);

}  // namespace kiln::oracle
