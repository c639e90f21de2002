// Values of a type of 16 bits as float32, and results back with one rounding: what stages of float32 take such tensors
// through, tile by tile (runtime/conversion.h).
#include <Halide.h>

#include "math/element.h"
#include "schedules/estimates.h"
#include "schedules/pointwise_schedule.h"

namespace {

using kiln::Element;
using kiln::Real;

// Lines of adjacent values (s, r). Input and output share no memory.
template <class Direction>
class Convert : public Halide::Generator<Direction> {
 public:
  Halide::GeneratorParam<Element> dtype{"dtype", Element::float16, kiln::elements_by_name()};
  Halide::GeneratorParam<int> vector_width{"vector_width", 8};
  Halide::GeneratorParam<int> interleave{"interleave", 1};
  Halide::GeneratorParam<std::string> estimates{"estimates", ""};

  Halide::GeneratorInput<Halide::Buffer<void, 2>> input{"input"};
  Halide::GeneratorOutput<Halide::Buffer<void, 2>> output{"output"};

  void schedule() {
    if (kiln::autoscheduled(*this, estimates)) return;
    kiln::schedule_lines(output, s, output.dim(0).extent(), {vector_width, interleave, 0});
  }

 protected:
  Halide::Var s{"s"}, r{"r"};
};

class Widen : public Convert<Widen> {
 public:
  void configure() {
    input.set_type(kiln::storage_of(dtype));
    output.set_type(Halide::Float(32));
  }
  void generate() {
    const kiln::ArithmeticScope arithmetic(get_target());
    output(s, r) = kiln::load(dtype, input(s, r)).expr();
  }
};

class Narrow : public Convert<Narrow> {
 public:
  void configure() {
    input.set_type(Halide::Float(32));
    output.set_type(kiln::storage_of(dtype));
  }
  void generate() {
    const kiln::ArithmeticScope arithmetic(get_target());
    output(s, r) = kiln::store(dtype, Real(input(s, r)));
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Widen, convert_widen)
HALIDE_REGISTER_GENERATOR(Narrow, convert_narrow)
