// Comparison of results, with messages that tell where and with which bits.
#pragma once

#include <gtest/gtest.h>
#include <kiln/kiln.h>

#include <string>
#include <vector>

#include "support/bits.h"

namespace kiln::test {

// Every float has the same bits. `inputs` may be empty; else it is shown beside.
::testing::AssertionResult same_bits(const std::vector<float> &expected, const std::vector<float> &actual,
                                     const std::vector<float> &inputs = {});

// The call succeeded; the message has kiln_last_error().
::testing::AssertionResult succeeded(kiln_status status);

// The call failed with that status, and kiln_last_error() holds each of the texts.
::testing::AssertionResult failed_with(kiln_status expected, const std::vector<std::string> &texts, kiln_status status);

}  // namespace kiln::test
