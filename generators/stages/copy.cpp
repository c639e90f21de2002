// Copies between memory of any strides, on devices: what normalizations do not take as it lies passes through dense
// memory there.
#include <Halide.h>

#include "schedules/pointwise_schedule.h"

namespace {

// The buffers are those of pointwise_strided_on_device.
class Copy : public Halide::Generator<Copy> {
 public:
  GeneratorParam<int> threads{"threads", 256};

  Input<Halide::Buffer<float, 5>> input{"input"};
  Input<int> offset{"offset"};
  Output<Halide::Buffer<float, 4>> output{"output"};

  void generate() { output(x, y, z, w) = input(x, y, z, w, offset); }
  void schedule() { kiln::schedule_strided_on_device(input, output, {x, y, z, w}, threads); }

 private:
  Halide::Var x{"x"}, y{"y"}, z{"z"}, w{"w"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Copy, copy_strided)
