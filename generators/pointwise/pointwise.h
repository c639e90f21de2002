// The elementwise operators' algorithms, one file each: pointwise/<name>.cpp defines `Real <name>(Real x, Accuracy)`.
#pragma once

#include "../math/accuracy.h"
#include "../math/real.h"

namespace kiln::pointwise {

// That of the operator whose generator this is: the build binds it (algorithm.cpp.in).
Real algorithm(Real x, Accuracy accuracy);

}  // namespace kiln::pointwise
