// The elementwise operators' algorithms, one file each: pointwise/<name>.cpp.
#pragma once

#include "../math/accuracy.h"
#include "../math/real.h"

namespace kiln::pointwise {

#define KILN_POINTWISE(name, accuracies, formula) Real name(Real x, Accuracy accuracy);
#include <kiln/operators.def>

}  // namespace kiln::pointwise
