#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "oracle/oracle.h"

namespace kiln::oracle {

const std::vector<ElementwiseOracle> &elementwise_oracles() {
  static const std::vector<ElementwiseOracle> table = {
#define KILN_ELEMENTWISE(name) {#name, name, name, false},
#define KILN_ELEMENTWISE_BACKWARD(name) {#name, name, name, true},
#include <elementwise.inc>
  };
  return table;
}

const ElementwiseOracle &elementwise_oracle(const char *name) {
  for (const ElementwiseOracle &oracle : elementwise_oracles())
    if (std::strcmp(oracle.name, name) == 0) return oracle;
  std::fprintf(stderr, "kiln_oracle: operators.toml has no elementwise operator %s\n", name);
  std::abort();
}

double fast_magnitude(const ElementwiseOracle &of, double x, double value) {
  const double size = std::fabs(value);
  if (!of.gradient || !(x > -4 && x < 0) || size > 0.125) return size;
  const bool crosses = std::strcmp(of.name, "silu_backward") == 0 || std::strcmp(of.name, "mish_backward") == 0;
  return crosses ? 0.125 : size;
}

// hardsigmoid's chooses between grad_output / 6 and 0, which neither an infinity nor NaN reaches. Any other derivative
// is 0 at infinities alone, however far below float64's least number it is elsewhere.
double gradient(const ElementwiseOracle &derivative, double grad_output, double x) {
  const double slope = derivative.value(x);
  if (slope == 0 && std::strcmp(derivative.name, "hardsigmoid_backward") == 0) return 0;
  if (slope == 0 && std::isinf(grad_output) && !std::isinf(x)) return std::signbit(slope) ? -grad_output : grad_output;
  return grad_output * slope;
}

}  // namespace kiln::oracle
