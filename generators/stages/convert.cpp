// Values of a type of 16 bits as float32, and results back with one rounding: what stages of float32 take such tensors
// through, on CPUs tile by tile (runtime/conversion.h), on devices as a whole (Staging of runtime/entry.h).
#include <Halide.h>

#include "math/element.h"
#include "schedules/estimates.h"
#include "schedules/pointwise_schedule.h"

namespace {

using Halide::Expr;
using Halide::Var;
using kiln::Element;
using kiln::Real;

struct Widen {
  static Halide::Type from(Element element) { return kiln::storage_of(element); }
  static Halide::Type to(Element) { return Halide::Float(32); }
  static Expr converted(Element element, const Expr &value) { return kiln::load(element, value).expr(); }
};

struct Narrow {
  static Halide::Type from(Element) { return Halide::Float(32); }
  static Halide::Type to(Element element) { return kiln::storage_of(element); }
  static Expr converted(Element element, const Expr &value) { return kiln::store(element, Real(value)); }
};

// On a CPU: lines of adjacent values (s, r). Input and output share no memory.
template <class Way>
class Lines : public Halide::Generator<Lines<Way>> {
 public:
  Halide::GeneratorParam<Element> dtype{"dtype", Element::float16, kiln::elements_by_name()};
  Halide::GeneratorParam<int> vector_width{"vector_width", 8};
  Halide::GeneratorParam<int> interleave{"interleave", 1};
  Halide::GeneratorParam<std::string> estimates{"estimates", ""};

  Halide::GeneratorInput<Halide::Buffer<void, 2>> input{"input"};
  Halide::GeneratorOutput<Halide::Buffer<void, 2>> output{"output"};

  void configure() {
    input.set_type(Way::from(dtype));
    output.set_type(Way::to(dtype));
  }
  void generate() {
    const kiln::ArithmeticScope arithmetic(this->get_target());
    output(s, r) = Way::converted(dtype, input(s, r));
  }
  void schedule() {
    if (kiln::autoscheduled(*this, estimates)) return;
    kiln::schedule_lines(output, s, output.dim(0).extent(), {vector_width, interleave, 0});
  }

 private:
  Var s{"s"}, r{"r"};
};

// On a device: any strides. The buffers are those of pointwise_strided_on_device.
template <class Way>
class OnDevice : public Halide::Generator<OnDevice<Way>> {
 public:
  Halide::GeneratorParam<Element> dtype{"dtype", Element::float16, kiln::elements_by_name()};
  Halide::GeneratorParam<int> threads{"threads", 256};

  Halide::GeneratorInput<Halide::Buffer<void, 5>> input{"input"};
  Halide::GeneratorInput<int> offset{"offset"};
  Halide::GeneratorOutput<Halide::Buffer<void, 4>> output{"output"};

  void configure() {
    input.set_type(Way::from(dtype));
    output.set_type(Way::to(dtype));
  }
  void generate() {
    const kiln::ArithmeticScope arithmetic(this->get_target());
    output(x, y, z, w) = Way::converted(dtype, input(x, y, z, w, offset));
  }
  void schedule() { kiln::schedule_strided_on_device(input, output, {x, y, z, w}, threads); }

 private:
  Var x{"x"}, y{"y"}, z{"z"}, w{"w"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Lines<Widen>, convert_widen)
HALIDE_REGISTER_GENERATOR(Lines<Narrow>, convert_narrow)
HALIDE_REGISTER_GENERATOR(OnDevice<Widen>, convert_widen_on_device)
HALIDE_REGISTER_GENERATOR(OnDevice<Narrow>, convert_narrow_on_device)
