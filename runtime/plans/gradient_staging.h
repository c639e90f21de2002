// What a normalization's gradient reads and writes, as its plan can take it: as it lies, or as dense copies of the
// input and of what arrives, in whose place grad_input is then made. Copies are float32 where a stage has no kernel of
// the type.
#pragma once

#include "../conversion.h"

namespace kiln {

class GradientStaging {
 public:
  // Of a forward operator, whose input alone is read, nothing arrives: all three are the input. `stages` are those that
  // read or write these tensors; on CPUs the ones that measure take any type (reduction.h).
  GradientStaging(Call &call, const KernelList *measuring, std::initializer_list<const KernelList *> stages);

  const Tensor &input() const { return copied_ ? input_ : given(); }
  const Tensor &arriving() const { return !call_.operand() ? input() : copied_ ? arriving_ : call_.input(); }
  // What arrives, where grad_input is not asked for.
  const Tensor &output() const { return copied_ || !wanted() ? arriving() : call_.output(); }
  bool wanted() const { return call_.operand() && call_.present[call_.row.tensor_count - 1]; }

  // Has fits() lay out the walk of input(), output() and arriving(); where it says no, once more in dense memory, which
  // is allocated here, with the dimensions of `inner` innermost.
  template <class Fits>
  kiln_status lay_out(const Iteration &walk, Dims inner, const Fits &fits) {
    if (call_.element == call_.input().array.element && fits() && (!call_.executor.on_device() || walk.forward()))
      return KILN_STATUS_OK;
    if (kiln_status s = allocate(inner)) return s;
    fits();
    return KILN_STATUS_OK;
  }
  kiln_status bring();
  kiln_status finish();

 private:
  kiln_status allocate(Dims inner);
  kiln_status bring(const Tensor &from, const Tensor &to) const;
  const Tensor &given() const { return call_.operand() ? *call_.operand() : call_.input(); }

  Call &call_;
  Conversion conversion_;
  bool copied_ = false, converts_ = false;  // on a device copying converts
  Tensor input_, arriving_, narrow_;        // narrow_: either of them in its own type, on its way
};

}  // namespace kiln
