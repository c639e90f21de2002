// Results against those that PyTorch made (scripts/make_torch_reference.py): values, where NaN and infinities go, and
// which arguments are errors; in types of 16 bits values of calls that PyTorch computes well.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/every_operator.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/torch_data.h"
#include "support/word_call.h"
#include "torch_differences.h"

namespace kiln::test {
namespace {

using Json = nlohmann::json;

std::vector<uint16_t> read_words(const std::string &hex) {
  std::vector<uint16_t> words;
  for (size_t i = 0; i < hex.size(); i += 4)
    words.push_back(static_cast<uint16_t>(std::stoul(hex.substr(i, 4), nullptr, 16)));
  return words;
}

// Every number is what the table allows.
bool allowed(const Operation &operation) {
  using descriptor::Allowed;
  for (const descriptor::Argument &row : operation.row().arguments) {
    const ArgumentValue &value = operation[row.name];
    if (row.allowed == Allowed::number && std::isnan(value.real)) return false;
    if (row.allowed == Allowed::at_least_zero && !(value.real >= 0)) return false;
    if (row.allowed == Allowed::at_least_one && value.integer < 1) return false;
  }
  return true;
}

// A case's tensors, of the shapes that it says, which may be wrong ones.
class Tensor {
 public:
  Tensor(const Json &inputs, const std::string &name) {
    if (!inputs.contains(name)) return;
    const TorchValues values = read_values(inputs.at(name));
    array_ = std::make_unique<Array>(dense(values.shape), values.data);
    tensor_ = array_->tensor();
  }
  DLTensor *get() { return array_ ? &tensor_ : nullptr; }
  std::vector<float> values() const { return array_ ? array_->get() : std::vector<float>(); }

 private:
  std::unique_ptr<Array> array_;
  DLTensor tensor_{};
};

struct Outcome {
  kiln_status status;
  Results results;
  // What an error must leave: the canary, and the statistics that were given.
  Results untouched;
};

// PyTorch's values in the place of the oracle's, whose magnitudes stay.
void replace(std::vector<oracle::Normalized> &results, const Json &outputs, const char *name) {
  if (!outputs.contains(name)) return;
  const std::vector<float> values = read_values(outputs.at(name)).data;
  for (size_t i = 0; i < results.size(); ++i) results[i].value = values[i];
}

// The results are PyTorch's, or the definition's where they differ on purpose. The expected value was rounded to
// float32: half an ULP on top of the operator's bound.
::testing::AssertionResult judge(const Operation &operation, const Json &test_case, const Results &results,
                                 bool by_definition) {
  const TorchValues input = read_values(test_case.at("inputs").at(operation.row().tensors.front().name));
  oracle::WithStatistics expected = oracle_of(operation, input.shape, input.data);
  if (!by_definition) {
    const Json &outputs = test_case.at("outputs");
    replace(expected.output, outputs, "output");
    replace(expected.running_mean, outputs, "running_mean");
    replace(expected.running_var, outputs, "running_var");
  }
  return near_oracle(operation, expected, results, 1e-6, 0x1p-24);
}

Outcome run_case(const kiln_context *context, const Operation &operation, const Json &test_case) {
  const Json &inputs = test_case.at("inputs");
  std::map<std::string, Tensor> given;
  Tensors tensors;
  for (const descriptor::Tensor &row : operation.row().tensors)
    if (row.role != descriptor::Role::output)
      tensors[row.name] = given.emplace(row.name, Tensor(inputs, row.name)).first->second.get();
  const auto &rows = operation.row().tensors;
  Array to(dense(read_values(inputs.at(rows.front().name)).shape));
  Outcome outcome{KILN_STATUS_OK, {}, {to.get(), {}, {}}};
  const DLTensor output = to.tensor();
  tensors[rows.back().name] = &output;
  outcome.status = call(context, operation, tensors);
  outcome.results.output = to.get();
  if (!operation.has_statistics()) return outcome;
  outcome.results.running_mean = given.at("running_mean").values();
  outcome.results.running_var = given.at("running_var").values();
  outcome.untouched.running_mean = operation.values("running_mean");
  outcome.untouched.running_var = operation.values("running_var");
  return outcome;
}

// A word as a number on the line that infinities are on, too: where the next number after the largest would be.
double on_line(const ElementType &type, uint16_t word) {
  const double value = type.value_of(word), next = type.largest() + type.last_place(type.largest());
  return std::isinf(value) ? std::copysign(next, value) : value;
}

// Words of the call are PyTorch's to half of the last place, what float32 is allowed, and the `places` that PyTorch is
// off. NaN is where it is there.
::testing::AssertionResult near_words(const WordCall &call, const Extents &shape, const std::vector<uint16_t> &inputs,
                                      const std::vector<uint16_t> &wanted, const std::vector<uint16_t> &got,
                                      double places) {
  const ElementType &type = call.type();
  std::vector<float> values;
  for (uint16_t word : inputs) values.push_back(static_cast<float>(type.value_of(word)));
  const std::vector<oracle::Normalized> expected = oracle_of(call.operation(), shape, values).output;
  if (wanted.size() != got.size() || expected.size() != got.size())
    return ::testing::AssertionFailure() << wanted.size() << " words expected, " << got.size() << " came";
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(type.value_of(wanted[i])) ? got[i] == type.nan : got[i] == wanted[i]) continue;
    const double torch = on_line(type, wanted[i]), kiln = on_line(type, got[i]);
    const double allowed = (0.5 + places) * type.last_place(torch) + 1e-6 * expected[i].magnitude;
    if (!(std::fabs(kiln - torch) <= allowed))
      return ::testing::AssertionFailure()
             << "index " << i << ": expected " << torch << ", got " << kiln << ", where " << allowed << " is allowed";
  }
  return ::testing::AssertionSuccess();
}

class Torch : public EveryOperatorTest {
 protected:
  // A case in the type of 16 bits that it has words of.
  void expect_words(const kiln_context *context, const Json &test_case, const ElementType &type, double places) const {
    const TorchValues input = read_values(test_case.at("inputs").at("input"));
    std::vector<uint16_t> inputs;
    for (float value : input.data) inputs.push_back(type.nearest(value));
    const WordCall call(read_operation(op(), test_case), type, false);
    Words from(type, dense(input.shape), inputs), to(type, dense(input.shape));
    WordResults results;
    ASSERT_TRUE(succeeded(call.run(context, from, to, 1, &results)));
    EXPECT_TRUE(
        near_words(call, input.shape, inputs, read_words(test_case.at("words").at(type.name)), results.output, places));
  }
  void expect_case(const kiln_context *context, const Json &test_case) const {
    const Operation operation = read_operation(op(), test_case);
    const Outcome outcome = run_case(context, operation, test_case);
    const Difference *d = difference(op(), test_case.at("name"));
    ASSERT_TRUE(!d || test_case.contains("error") == (d->instead == Instead::accepted)) << "not as the table says";
    if (!allowed(operation) || (d ? d->instead == Instead::refused : test_case.contains("error"))) {
      EXPECT_EQ(outcome.status, KILN_STATUS_INVALID_ARGUMENT);
      EXPECT_TRUE(same_bits(outcome.untouched, outcome.results)) << "something was written";
      return;
    }
    ASSERT_TRUE(succeeded(outcome.status));
    EXPECT_TRUE(judge(operation, test_case, outcome.results, d != nullptr));
  }
};
KILN_OPERATORS_AND_ISAS(Torch, operators_and_gradients());

TEST_P(Torch, GaveTheseResults) {
  const Json data = read_torch(op());
  ASSERT_TRUE(data.is_object()) << "tests/data/torch has no results for " << op() << ": " << update_command(op());
  ASSERT_EQ(data.at("operator"), op());
  ASSERT_FALSE(data.at("cases").empty());
  Context context;
  context.isa(isa().name);
  std::set<std::string> names;
  for (const Json &test_case : data.at("cases")) {
    names.insert(test_case.at("name"));
    SCOPED_TRACE(op() + " on " + isa().name + ", case " + test_case.at("name").get<std::string>());
    expect_case(context, test_case);
  }
  for (const Difference &d : differences())
    EXPECT_TRUE(d.op != op() || names.count(d.test_case)) << op() << " has no case " << d.test_case;
}

// Of gradients it gives none: it rounds more than once.
TEST_P(Torch, GaveTheseWordsOf16Bits) {
  if (descriptor::operator_named(op()).direction == "backward") return;
  const Json data = read_torch(op());
  Context context;
  context.isa(isa().name);
  std::map<std::string, int> seen;
  for (const Json &test_case : data.at("cases")) {
    const std::string name = test_case.at("name");
    if (!test_case.contains("words") || difference(op(), name) || !allowed(read_operation(op(), test_case))) continue;
    for (const ElementType &type : element_types_of_16_bits())
      if (test_case.at("words").contains(type.name)) {
        SCOPED_TRACE(op() + " on " + isa().name + ", " + type.name + ", case " + name);
        expect_words(context, test_case, type, data.at("places"));
        ++seen[type.name];
      }
  }
  const std::vector<std::string> &dtypes = descriptor::operator_named(op()).dtypes;
  for (const ElementType &type : element_types_of_16_bits())
    EXPECT_EQ(std::count(dtypes.begin(), dtypes.end(), type.name), seen[type.name] > 3)
        << "tests/data/torch has few or no words of " << type.name << " for " << op() << ": " << update_command(op());
}

}  // namespace
}  // namespace kiln::test
