// Rows whose coefficients are known: those longer than what a stage takes that measures them too, with the bits that it
// would have.
#include <Halide.h>

#include "math/element.h"
#include "normalization/affine.h"
#include "schedules/buffers.h"
#include "schedules/estimates.h"
#include "schedules/gpu_rows_schedule.h"
#include "schedules/rows_schedule.h"

namespace {

using namespace kiln;

class RowApply : public Halide::Generator<RowApply> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 2>> x{"x"};                        // (s, r)
  Input<Halide::Buffer<float, 2>> coefficients{"coefficients"};  // (r, k)
  Input<Halide::Buffer<float, 1>> weight{"weight"}, bias{"bias"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<float, 2>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(r, k)); };
    const Coefficients all{coefficient(0), coefficient(1), coefficient(2), coefficient(3)};
    y(s, r) = canonical(fma(all.apply(Real(x(s, r))), Real(weight(s)), Real(bias(s))));
  }
  void schedule() {
    free_stride(coefficients);
    const std::vector<Expr> memory = memory_of_parameters(weight, bias);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_row_apply({y, s, r, whole_rows(aligned == 1, memory, y, x, weight, bias)}, y.dim(0).extent(),
                              {threads, unroll});
    }
    schedule_rows(y, s, r, memory, {vector_width, unroll, rows});
  }

 private:
  Var s{"s"}, r{"r"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(RowApply, row_apply_rows)
