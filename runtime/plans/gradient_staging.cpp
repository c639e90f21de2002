#include "gradient_staging.h"

namespace kiln {

GradientStaging::GradientStaging(Call &call, std::initializer_list<const KernelList *> stages) : call_(call) {
  const Element given = call.input().array.element;
  call.element = !call.executor.on_device() || call.executor.has(given, stages) ? given : Element::float32;
}

kiln_status GradientStaging::allocate(Dims inner) {
  copied_ = true;
  if (call_.executor.on_device()) call_.element = Element::float32;
  if (kiln_status s = call_.prepare_copies()) return s;
  for (Tensor *copy : {&input_, &arriving_}) {
    if (copy == &arriving_ && !call_.operand()) break;
    Array memory;
    if (kiln_status s = call_.executor.allocate(call_.element, call_.input().count, &memory)) return s;
    make_dense(call_.input(), memory, inner, copy);
  }
  return KILN_STATUS_OK;
}

kiln_status GradientStaging::bring() {
  if (!copied_) return KILN_STATUS_OK;
  if (kiln_status s = call_.executor.copy(given(), input_)) return s;
  return !call_.operand() ? KILN_STATUS_OK : call_.executor.copy(call_.input(), arriving_);
}

kiln_status GradientStaging::finish() {
  return copied_ && wanted() ? call_.executor.copy(arriving_, call_.output()) : KILN_STATUS_OK;
}

}  // namespace kiln
