// What every operator of the table must have beside its kernels: samples, an oracle and a bound
// (support/expectations.cpp), digests, and PyTorch's results. What is missing is named, with the command that makes it.
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/expectations.h"
#include "support/gradients.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

using Json = nlohmann::json;

class References : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
  // Of a file under tests/; null where there is none.
  static Json read(const std::string &file) {
    std::ifstream in(std::string(KILN_TESTS_DIR "/") + file);
    return in ? Json::parse(in) : Json();
  }
};
INSTANTIATE_TEST_SUITE_P(Each, References, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

TEST_P(References, Expectation) {
  const Expectation *expectation = find_expectation(op());
  ASSERT_TRUE(expectation) << "add samples, oracle and bound of " << op() << " to tests/support/expectations.cpp";
  for (const Extents &shape : {Extents{2, 4, 3}, Extents{2, 4, 3, 5}})
    EXPECT_FALSE(samples_of(op(), shape).empty()) << op() << " has no samples for " << show(shape);
}

TEST_P(References, DigestsOfSamples) {
  const Json digests = read("digests/samples.json");
  ASSERT_TRUE(digests.contains(op())) << "tests/digests/samples.json has no " << op() << ": " << update_command(op());
  for (const std::string &accuracy : descriptor::operator_named(op()).accuracies)
    EXPECT_TRUE(digests.at(op()).contains(accuracy))
        << "tests/digests/samples.json has no " << op() << ", " << accuracy << ": " << update_command(op());
}

// Functions of one number.
class ElementwiseReferences : public References {};
INSTANTIATE_TEST_SUITE_P(Each, ElementwiseReferences, ::testing::ValuesIn(operators_of_family("elementwise")),
                         [](const auto &info) { return info.param; });

// Of all 2^32 inputs, and of every 257th and 4099th, which the tests run.
TEST_P(ElementwiseReferences, DigestsOfAllInputs) {
  const Json digests = read("digests/all_inputs.json").at("digests");
  for (const std::string &accuracy : descriptor::operator_named(op()).accuracies)
    for (const char *stride : {"1", "257", "4099"})
      EXPECT_TRUE(digests.contains(op()) && digests.at(op()).contains(accuracy) &&
                  digests.at(op()).at(accuracy).contains(stride))
          << "tests/digests/all_inputs.json has no " << op() << ", " << accuracy << ", stride " << stride << ": "
          << update_command(op());
}

TEST_P(References, ResultsOfPyTorch) {
  const Json results = read("data/torch/" + op() + ".json");
  ASSERT_TRUE(results.is_object()) << "tests/data/torch has no results for " << op() << ": " << update_command(op());
  EXPECT_EQ(results.at("operator"), op());
  EXPECT_FALSE(results.at("cases").empty());
}

// Gradients of normalizations.
class GradientReferences : public References {};
INSTANTIATE_TEST_SUITE_P(Each, GradientReferences, ::testing::ValuesIn(normalization_gradients()),
                         [](const auto &info) { return info.param; });

TEST_P(GradientReferences, Digests) {
  EXPECT_TRUE(read("digests/gradients.json").contains(op()))
      << "tests/digests/gradients.json has no " << op() << ": " << update_command(op());
}

TEST_P(GradientReferences, ResultsOfPyTorch) {
  const Json results = read("data/torch/" + op() + ".json");
  ASSERT_TRUE(results.is_object()) << "tests/data/torch has no results for " << op() << ": " << update_command(op());
  EXPECT_EQ(results.at("operator"), op());
  EXPECT_FALSE(results.at("cases").empty());
}

// Nothing is left of operators that are gone.
TEST(AllReferences, AreOfOperators) {
  for (const char *file : {"digests/samples.json", "digests/all_inputs.json"}) {
    std::ifstream in(std::string(KILN_TESTS_DIR "/") + file);
    const Json all = Json::parse(in);
    const Json &digests = all.contains("digests") ? all.at("digests") : all;
    const std::vector<std::string> known = operators_and_gradients();
    for (const auto &[name, digest] : digests.items())
      EXPECT_EQ(std::count(known.begin(), known.end(), name), 1) << file << ": " << name;
  }
  std::ifstream in(KILN_TESTS_DIR "/digests/gradients.json");
  const Json digests = Json::parse(in);
  const std::vector<std::string> &known = normalization_gradients();
  for (const auto &[name, digest] : digests.items())
    EXPECT_EQ(std::count(known.begin(), known.end(), name), 1) << "digests/gradients.json: " << name;
}

}  // namespace
}  // namespace kiln::test
