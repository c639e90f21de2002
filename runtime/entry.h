// One call of an operator, as its plan gets it: arguments that have been read and checked by the operator's row.
#pragma once

#include "executor.h"
#include "operator.h"

namespace kiln {

// A parameter or running statistic as kernels take it: its values a single step apart, or 0 apart where one value
// stands for all.
struct Parameter {
  Array array{};       // float32
  int64_t stride = 0;  // elements
  Array narrow{};      // on CPUs, of a tensor of another type: its values side by side
};

// In the place of a tensor's number in the row, where the operator has no such tensor.
constexpr int kNoTensor = -1;

struct Call {
  const OperatorRow &row;
  const Value *values;
  Executor executor;
  bool present[kMostTensors];
  Tensor tensors[kMostTensors];
  Element element{};  // of the tensors that a normalization's stages get, once Staging has laid them out

  Call(const OperatorRow &row, const Value *values, CallMemory &memory) : row(row), values(values), executor(memory) {}

  const Tensor &input() const { return tensors[0]; }
  const Tensor &output() const { return tensors[row.tensor_count - 1]; }
  // What a gradient reads with the input, or NULL.
  const Tensor *operand() const { return row.tensors[1].role == Role::operand ? &tensors[1] : nullptr; }
  bool has(int tensor) const { return tensor != kNoTensor && present[tensor]; }
  bool empty() const { return input().count == 0; }
  bool is_set(int argument) const { return values[argument].integer != 0; }
  int64_t integer(int argument) const { return values[argument].integer; }
  double real(int argument) const { return values[argument].real; }
  kiln_status prepare_copies() { return executor.prepare_copies(row.kernels[static_cast<int>(input().array.element)]); }
  // The dimensions that an argument of type extents or dims is about.
  Dims dims(int argument) const;

  enum class Steps {
    any,   // what is a single step apart, as it lies
    dense  // side by side; an absent one 0 apart
  };
  // A parameter of `count` values; for an absent one its row's identity. Values that lie otherwise or are of another
  // type than float32 are copied.
  kiln_status bring(int tensor, Steps steps, int64_t count, Parameter *parameter);
  // Writes a statistic or a result back to its tensor, rounded to that one's type: from where bring() copied it to, or from
  // float32 side by side, which on CPUs is narrowed into `narrow`.
  kiln_status give_back(int tensor, const Parameter &parameter);
  // Its values side by side in memory that is allocated here, on a device as float32.
  kiln_status copy_dense(const Tensor &tensor, int64_t count, Array *array);
  // Of a tensor of another type than float32.
  kiln_status widen(const Tensor &tensor, int64_t count, Parameter *parameter);
  // Makes of each of `values` neighbours `count` of them, side by side: [value][count].
  kiln_status broadcast(int64_t values, int64_t count, Array *array);
};

// A dense tensor of the shape of another in `array`, the dimensions of `inner` innermost.
void make_dense(const Tensor &like, const Array &array, Dims inner, Tensor *dense);

// Has the row read and check everything: fills in call.present and call.tensors, and checks call.values
// (arguments.cpp). Each error names the argument.
kiln_status read_arguments(Call &call, const DLTensor *const *given);

// Input and output as a plan can take them: as they lie; after a copy of the input into the output, in place; or as one
// dense tensor between a copy in and a copy out. On a device that is how tensors of 16 bits become float32 and back,
// where stages do not take them as they lie or not every stage that reads or writes them has kernels of their type.
class Staging {
 public:
  Staging(Call &call, std::initializer_list<const KernelList *> stages) : call_(call) {
    const Element given = call.input().array.element;
    call.element = !call.executor.on_device() || call.executor.has(given, stages) ? given : Element::float32;
  }
  const Tensor &input() const { return way_ == Way::direct ? call_.input() : output(); }
  const Tensor &output() const { return way_ == Way::dense ? dense_ : call_.output(); }
  // Has fits() lay out the walk of input and output; where it says no, or a device's buffers would begin before their
  // first element, once more in the output's memory, then in dense memory, which is allocated here, with the dimensions
  // of `inner` innermost.
  template <class Fits>
  kiln_status lay_out(const Iteration &walk, Dims inner, const Fits &fits) {
    const auto taken = [&] { return fits() && (!call_.executor.on_device() || walk.forward()); };
    const Element given = call_.input().array.element;
    if (call_.element == given && taken()) return KILN_STATUS_OK;
    if (call_.executor.on_device()) call_.element = Element::float32;
    const bool converts = call_.element != given;
    if (kiln_status s = call_.prepare_copies()) return s;
    way_ = Way::in_place;
    if (!converts && !call_.input().array.same_place(call_.output().array) && taken()) return KILN_STATUS_OK;
    if (kiln_status s = allocate()) return s;
    if (converts && in_order_of_output() && taken()) return KILN_STATUS_OK;
    in_rows(inner);
    fits();
    return KILN_STATUS_OK;
  }
  kiln_status bring() { return way_ == Way::direct ? KILN_STATUS_OK : call_.executor.copy(call_.input(), output()); }
  kiln_status finish() { return way_ == Way::dense ? call_.executor.copy(dense_, call_.output()) : KILN_STATUS_OK; }

 private:
  enum class Way { direct, in_place, dense };
  kiln_status allocate();
  // How the dense tensor lies: as the output, which has to have no gaps; or with the dimensions of `inner` innermost.
  bool in_order_of_output();
  void in_rows(Dims inner);

  Call &call_;
  Way way_ = Way::direct;
  Tensor dense_;
};

}  // namespace kiln
