// Another Halide-made library, as an app may have one beside Kiln: y = x + 1 in parallel, by Halide's own helpers.
#include <Halide.h>

namespace {

class Other : public Halide::Generator<Other> {
 public:
  Input<Halide::Buffer<float, 2>> input{"input"};
  Output<Halide::Buffer<float, 2>> output{"output"};

  void generate() {
    Halide::Var x("x"), y("y");
    output(x, y) = input(x, y) + 1.0f;
    output.vectorize(x, 4, Halide::TailStrategy::GuardWithIf).parallel(y);
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Other, other)
