#include "support/compare.h"

#include <cinttypes>
#include <cstdio>

namespace kiln::test {

std::string show(float x) {
  char text[64];
  std::snprintf(text, sizeof text, "0x%08" PRIx32 " (%.9g)", bits_of(x), static_cast<double>(x));
  return text;
}

::testing::AssertionResult same_bits(const std::vector<float> &expected, const std::vector<float> &actual,
                                     const std::vector<float> &inputs) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << expected.size() << " elements expected, " << actual.size() << " came";
  size_t wrong = 0, first = 0;
  for (size_t i = expected.size(); i-- > 0;)
    if (bits_of(expected[i]) != bits_of(actual[i])) ++wrong, first = i;
  if (wrong == 0) return ::testing::AssertionSuccess();
  ::testing::AssertionResult failure = ::testing::AssertionFailure();
  failure << wrong << " of " << expected.size() << " elements have other bits; the first is index " << first;
  if (first < inputs.size()) failure << ", input " << show(inputs[first]);
  return failure << ": expected " << show(expected[first]) << ", got " << show(actual[first]);
}

::testing::AssertionResult succeeded(kiln_status status) {
  if (status == KILN_STATUS_OK) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << kiln_status_name(status) << ": " << kiln_last_error();
}

::testing::AssertionResult failed_with(kiln_status expected, const std::vector<std::string> &texts,
                                       kiln_status status) {
  if (status != expected)
    return ::testing::AssertionFailure() << kiln_status_name(expected) << " expected, " << kiln_status_name(status)
                                         << " came (last error: \"" << kiln_last_error() << "\")";
  const std::string message = kiln_last_error();
  for (const std::string &text : texts)
    if (message.find(text) == std::string::npos)
      return ::testing::AssertionFailure() << "the message lacks \"" << text << "\": \"" << message << "\"";
  return ::testing::AssertionSuccess();
}

}  // namespace kiln::test
