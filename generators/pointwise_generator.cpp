// What the generators of all elementwise operators and their gradients have: the layout forms and their schedules. Each
// is linked with the algorithm of its operator (pointwise/).
#include <Halide.h>

#include "math/element.h"
#include "pointwise/pointwise.h"
#include "schedules/estimates.h"
#include "schedules/pointwise_schedule.h"

namespace {

using Halide::Expr;
using Halide::Func;
using Halide::Var;
using kiln::Accuracy;
using kiln::Element;
using kiln::Real;
using kiln::Ties;

// What the layout forms have in common.
template <class Form>
class Pointwise : public Halide::Generator<Form> {
 public:
  Halide::GeneratorParam<Accuracy> accuracy{
      "accuracy", Accuracy::exact, {{"exact", Accuracy::exact}, {"fast", Accuracy::fast}}};
  Halide::GeneratorParam<Element> dtype{"dtype", Element::float32, kiln::elements_by_name()};
  Halide::GeneratorParam<int> vector_width{"vector_width", 8};
  Halide::GeneratorParam<int> interleave{"interleave", 1};
  Halide::GeneratorParam<int> threads{"threads", 256};
  Halide::GeneratorParam<bool> streamed{"streamed", false};
  Halide::GeneratorParam<std::string> estimates{"estimates", ""};

 protected:
  using Operand = typename Halide::Generator<Form>::template Input<Halide::Buffer<>>;
  using Offset = typename Halide::Generator<Form>::template Input<int>;

  // The inputs' elements.
  Expr algorithm(const std::vector<Expr> &inputs) {
    const kiln::ArithmeticScope arithmetic(this->get_target());
    std::vector<Real> values;
    for (const Expr &input : inputs) values.push_back(kiln::load(dtype, input));
    const kiln::pointwise::Result result = kiln::pointwise::algorithm(values, accuracy_of_result());
    const Ties ties = accuracy_of_result() == Accuracy::coarse ? Ties::any : Ties::to_even;
    return kiln::store(dtype, result.value, result.defined, result.rest, ties);
  }
  Accuracy accuracy_of_result() {
    if (dtype == Element::float32) return accuracy;
    return accuracy == Accuracy::fast ? Accuracy::coarse : Accuracy::exact_narrow;
  }
  template <class Input, class Output>
  void set_types(Input &input, Output &output) {
    input.set_type(kiln::storage_of(dtype));
    output.set_type(kiln::storage_of(dtype));
  }
  // A gradient's second input; NULL where there is none.
  Operand *second_input(int dimensions) {
    if (!kiln::pointwise::is_gradient) return nullptr;
    return this->template add_input<Halide::Buffer<>>("second", kiln::storage_of(dtype), dimensions);
  }
  // That of its first element on a device, after it.
  Offset *second_offset() {
    return kiln::pointwise::is_gradient ? this->template add_input<int>("second_offset") : nullptr;
  }
  kiln::PointwiseNumbers numbers() { return {vector_width, interleave, threads}; }
};

// One dimension, both strides 1, on a CPU.
class Dense : public Pointwise<Dense> {
 public:
  Input<Halide::Buffer<void, 1>> input{"input"};
  Output<Halide::Buffer<void, 1>> output{"output"};
  Operand *second = nullptr;
  Var x{"x"};

  void configure() {
    set_types(input, output);
    second = second_input(1);
  }
  void generate() { output(x) = second ? algorithm({input(x), (*second)(x)}) : algorithm({input(x)}); }
  void schedule() {
    if (kiln::autoscheduled(*this, estimates)) return;
    if (streamed) kiln::on_lines_of_cache(output);
    kiln::schedule_dense(output, x, output.dim(0).extent(), numbers());
  }
};

// The same on a device, where the input's element `offset` is the first.
class DenseOnDevice : public Pointwise<DenseOnDevice> {
 public:
  Input<Halide::Buffer<void, 1>> input{"input"};
  Input<int> offset{"offset"};
  Output<Halide::Buffer<void, 1>> output{"output"};
  Operand *second = nullptr;
  Offset *second_at = nullptr;
  Var x{"x"};

  void configure() {
    set_types(input, output);
    second = second_input(1);
    second_at = second_offset();
  }
  void generate() {
    output(x) = second ? algorithm({input(x + offset), (*second)(x + *second_at)}) : algorithm({input(x + offset)});
  }
  void schedule() {
    if (second) kiln::from_zero(*second);
    kiln::schedule_dense_on_device(input, output, x, numbers());
  }
};

// On a device, with both addresses multiples of 16 bytes: vectors of 4 are loaded and stored as one.
class Aligned : public Pointwise<Aligned> {
 public:
  Input<Halide::Buffer<void, 1>> input{"input"};
  Output<Halide::Buffer<void, 1>> output{"output"};
  Operand *second = nullptr;
  Var x{"x"};

  void configure() {
    set_types(input, output);
    second = second_input(1);
  }
  void generate() { output(x) = second ? algorithm({input(x), (*second)(x)}) : algorithm({input(x)}); }
  void schedule() {
    if (second) {
      kiln::from_zero(*second);
      second->set_host_alignment(16);
    }
    input.set_host_alignment(16);
    output.set_host_alignment(16);
    kiln::schedule_dense_on_device(input, output, x, numbers());
  }
};

// Four dimensions, any strides, on a device. The input's fifth one, of stride 1, has but one index that is used,
// `offset`: the element that the input begins with.
class StridedOnDevice : public Pointwise<StridedOnDevice> {
 public:
  Input<Halide::Buffer<void, 5>> input{"input"};
  Input<int> offset{"offset"};
  Output<Halide::Buffer<void, 4>> output{"output"};
  Operand *second = nullptr;
  Offset *second_at = nullptr;
  Var x{"x"}, y{"y"}, z{"z"}, w{"w"};

  void configure() {
    set_types(input, output);
    second = second_input(5);
    second_at = second_offset();
  }
  void generate() {
    const Expr first = input(x, y, z, w, offset);
    output(x, y, z, w) = second ? algorithm({first, (*second)(x, y, z, w, *second_at)}) : algorithm({first});
  }
  void schedule() {
    if (second) {
      kiln::from_zero(*second);
      kiln::free_stride(*second, 4);
    }
    kiln::schedule_strided_on_device(input, output, {x, y, z, w}, threads);
  }
};

// Two dimensions, any strides, on a CPU.
class Strided : public Pointwise<Strided> {
 public:
  Input<Halide::Buffer<void, 2>> input{"input"};
  Output<Halide::Buffer<void, 2>> output{"output"};
  Operand *second = nullptr;
  Var x{"x"}, y{"y"};

  void configure() {
    set_types(input, output);
    second = second_input(2);
  }
  void generate() { output(x, y) = second ? algorithm({input(x, y), (*second)(x, y)}) : algorithm({input(x, y)}); }
  void schedule() {
    kiln::free_stride(input);
    kiln::free_stride(output);
    if (second) kiln::free_stride(*second);
    if (kiln::autoscheduled(*this, estimates)) return;
    Expr adjacent = input.dim(0).stride() == 1 && output.dim(0).stride() == 1;
    if (second) adjacent = adjacent && second->dim(0).stride() == 1;
    kiln::schedule_strided(output, x, adjacent, numbers());
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Dense, pointwise_dense)
HALIDE_REGISTER_GENERATOR(DenseOnDevice, pointwise_dense_on_device)
HALIDE_REGISTER_GENERATOR(Aligned, pointwise_aligned)
HALIDE_REGISTER_GENERATOR(Strided, pointwise_strided)
HALIDE_REGISTER_GENERATOR(StridedOnDevice, pointwise_strided_on_device)
