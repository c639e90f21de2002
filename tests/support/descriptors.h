// The descriptors that the build writes from the table of operators.
#pragma once

#include "support/interim/descriptors.h"
