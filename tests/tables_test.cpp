// The tables of operators and targets, and what the library says is built in.
#include <descriptors.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "support/operators.h"

namespace kiln::test {
namespace {

struct TargetRow {
  std::string name, architecture, isa, halide, cpu;
};

std::vector<TargetRow> targets() {
  std::ifstream file(KILN_TARGETS_DEF);
  std::vector<TargetRow> rows;
  const std::regex row(R"re(^KILN_TARGET\((\w+), *(\w+), *(\w+), *"([^"]*)", *(\w+)\)$)re");
  for (std::string line; std::getline(file, line);) {
    std::smatch m;
    if (line.rfind("KILN_TARGET(", 0) != 0) continue;
    if (!std::regex_match(line, m, row)) {
      ADD_FAILURE() << "targets.def: CMake could not read this row: " << line;
      continue;
    }
    rows.push_back({m[1], m[2], m[3], m[4], m[5]});
  }
  return rows;
}

struct DeviceRow {
  std::string name, device, dlpack, halide;
};

std::vector<DeviceRow> devices() {
  return {
#define KILN_DEVICE(name, device, dlpack, halide) {#name, #device, #dlpack, halide},
#include "../devices.def"
  };
}

std::vector<kiln_kernel_info> kernels() {
  std::vector<kiln_kernel_info> all;
  kiln_kernel_info info;
  for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; ++i) all.push_back(info);
  return all;
}

std::string identity(const kiln_kernel_info &k) {
  std::ostringstream text;
  text << k.op << ' ' << k.direction << ' ' << k.dtype << ' ' << k.form << ' ' << k.accuracy << ' ' << k.target;
  return text.str();
}

// A kernel's identity without shape class, streaming and variant; the class's largest extent, no bound for every shape;
// the CPU family, empty for every CPU.
struct Place {
  std::string of_all;
  int64_t up_to = std::numeric_limits<int64_t>::max();
  std::string family;
  std::string of_some;  // ".streamed.for_zen4"; empty for what serves every call of its shapes
  bool streamed = false;

  explicit Place(kiln_kernel_info k) {
    static const std::regex parts(R"((.*?)(?:\.up_to_([1-9]\d*))?((?:\.(streamed))?(?:\.for_(\w+))?))");
    std::smatch m;
    const std::string form = k.form;
    if (!std::regex_match(form, m, parts)) ADD_FAILURE() << form;
    const std::string rest = m[1];
    k.form = rest.c_str();
    of_all = identity(k);
    if (m[2].matched) up_to = std::stoll(m[2]);
    of_some = m[3];
    streamed = m[4].matched;
    family = m[5];
  }
  // Among those of the same shapes.
  int rank() const { return (streamed ? 0 : 2) + (family.empty() ? 1 : 0); }
};

// The CPU families of this architecture.
std::set<std::string> families() {
  return {
#define KILN_FAMILY(name) #name,
#include "families.inc"
  };
}

// Without strict_float Halide reassociates and contracts; without user_context state belongs to the process.
TEST(Targets, CarryWhatResultsRestOn) {
  ASSERT_FALSE(targets().empty());
  for (const TargetRow &target : targets()) {
    const std::string features = "-" + target.halide + "-";
    for (const char *feature : {"-strict_float-", "-user_context-"})
      EXPECT_NE(features.find(feature), std::string::npos)
          << target.name << " lacks " << feature << ": " << target.halide;
  }
}

TEST(Targets, HaveNamesOfTheirOwn) {
  std::set<std::string> names, isas, halides;
  for (const TargetRow &t : targets()) {
    EXPECT_TRUE(names.insert(t.name).second) << t.name;
    EXPECT_TRUE(isas.insert(t.architecture + '/' + t.isa).second) << t.isa;
    EXPECT_TRUE(halides.insert(t.halide).second) << t.halide;
    EXPECT_EQ(t.name.rfind(t.architecture, 0), 0u) << t.name << " does not begin with " << t.architecture;
  }
}

// Selection takes the first row that runs: the last must run everywhere, and no other may.
TEST(Targets, EndInOneThatAlwaysRuns) {
  std::map<std::string, std::string> last;
  for (const TargetRow &t : targets()) last[t.architecture] = t.cpu;
  for (const auto &[architecture, cpu] : last) EXPECT_EQ(cpu, "cpu_always") << architecture;
  for (const TargetRow &t : targets())
    EXPECT_FALSE(t.cpu == "cpu_always" && t.halide.find("avx") != std::string::npos) << t.name << ": " << t.halide;
}

TEST(Kernels, AreThoseOfTheTables) {
  std::multiset<std::string> expected, found;
#if defined(__x86_64__)
  const std::string architecture = "x86_64";
#else
  const std::string architecture = "aarch64";
#endif
  const auto words = [](const char *text) {
    std::istringstream in(text);
    return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
  };
  struct Forms {
    std::vector<std::string> on_cpus, on_devices, of_16_bits;
  };
  const std::map<std::string, Forms> forms_of_stage = {
#define KILN_STAGE(name, family, forms, on_devices, of_16_bits) \
  {#name, {words(forms), words(on_devices), words(of_16_bits)}},
#include "../stages.def"
  };
  const std::map<std::string, Forms> forms_of_element = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) {#name, {words(forms), words(device_forms), {}}},
#include "../elements.def"
  };
  const auto forms_of = [&](const descriptor::Operator &op, const std::string &dtype,
                            std::vector<std::string> Forms::*on) {
    if (op.elementwise()) return forms_of_element.at(dtype).*on;
    std::vector<std::string> forms;
    for (const std::string &stage : op.kernels)
      for (const std::string &form : forms_of_stage.at(stage).*on) forms.push_back(stage + '.' + form);
    return forms;
  };
  // A stage's own, whose numbers schedules have under it; an elementwise operator's.
  const auto direction_of = [](const descriptor::Operator &op, const std::string &form) -> std::string {
    if (op.elementwise()) return op.direction;
    return form.rfind("gradient_", 0) == 0 ? "backward" : "forward";
  };
  const auto expect = [&](const descriptor::Operator &op, const std::string &dtype, const std::string &form,
                          const std::string &target) {
    for (const std::string &accuracy : op.accuracies)
      expected.insert(op.name + ' ' + direction_of(op, form) + ' ' + dtype + ' ' + form + ' ' + accuracy + ' ' +
                      target);
  };
  // Of a type of 16 bits, by what the schedules have of the stages, and by conversion.
  const auto expect_of_16_bits = [&](const descriptor::Operator &op, const std::string &dtype,
                                     const std::string &target) {
    std::ifstream file(std::string(KILN_SCHEDULES_DIR) + '/' + target + ".json");
    const nlohmann::json schedules = nlohmann::json::parse(file);
    const auto scheduled = [&](const std::string &form) {
      return schedules.at(direction_of(op, form)).at(dtype).contains(form);
    };
    std::vector<std::string> forms = forms_of(op, dtype, &Forms::of_16_bits);
    forms.erase(std::remove_if(forms.begin(), forms.end(), [&](auto &form) { return !scheduled(form); }), forms.end());
    forms.insert(forms.end(), {"convert.widen", "convert.narrow"});
    for (const std::string &form : forms) expect(op, dtype, form, target);
  };
  for (const descriptor::Operator &op : descriptor::operators())
    for (const std::string &dtype : op.dtypes) {
      if (!op.elementwise() && dtype != "float32") {
        for (const TargetRow &t : targets())
          if (t.architecture == architecture) expect_of_16_bits(op, dtype, t.name);
        for (const DeviceRow &d : devices())
          if (!forms_of_element.at(dtype).on_devices.empty()) expect_of_16_bits(op, dtype, d.name);
        continue;
      }
      for (const std::string &form : forms_of(op, dtype, &Forms::on_cpus))
        for (const TargetRow &t : targets())
          if (t.architecture == architecture) expect(op, dtype, form, t.name);
      for (const std::string &form : forms_of(op, dtype, &Forms::on_devices))
        for (const DeviceRow &d : devices()) expect(op, dtype, form, d.name);
    }
  // Shape classes are as many as the schedules have, in ascending order before the kernel for every shape. Directly
  // before each stand those of the same shapes that are for some calls alone, the rarer first.
  std::vector<Place> places;
  for (const kiln_kernel_info &kernel : kernels()) places.emplace_back(kernel);
  std::map<std::string, int64_t> last;
  std::set<std::string> of_some_calls;
  for (auto p = places.begin(); p != places.end(); ++p) {
    const std::string name = p->of_all + " up to " + std::to_string(p->up_to) + p->of_some;
    if (!p->of_some.empty()) {
      EXPECT_TRUE(p->family.empty() || families().count(p->family) == 1) << name;
      EXPECT_TRUE(of_some_calls.insert(name).second) << name;
      ASSERT_TRUE(p + 1 != places.end() && p[1].of_all == p->of_all && p[1].up_to == p->up_to) << name;
      EXPECT_LE(p->rank(), p[1].rank()) << name;
      continue;
    }
    EXPECT_GT(p->up_to, last[p->of_all]) << name;
    last[p->of_all] = p->up_to;
    if (p->up_to == std::numeric_limits<int64_t>::max()) found.insert(p->of_all);
  }
  EXPECT_EQ(expected, found);
  for (const auto &[of_every_shape, up_to] : last) EXPECT_EQ(found.count(of_every_shape), 1u) << of_every_shape;
}

// What walks the table by position gives the C function what stands there by name.
TEST(Descriptors, CallTheFunctionOfTheirName) {
  for (const descriptor::Operator &op : descriptor::operators()) {
    std::vector<float> data(24, 1.0f);
    int64_t shape[] = {2, 3, 4};
    DLTensor input{data.data(), {kDLCPU, 0}, 3, {kDLFloat, 32, 1}, shape, nullptr, 0};
    std::vector<DLTensor *> tensors(op.tensors.size());
    tensors.front() = tensors.back() = &input;
    std::vector<descriptor::Value> values = descriptor::default_values(op);
    for (size_t i = 0; i < values.size(); ++i) {
      const descriptor::Argument &argument = op.arguments[i];
      if (argument.allowed != descriptor::Allowed::at_least_zero) continue;
      values[i].real = -1;
      // What is checked before: a divisor of the channels, trailing extents.
      for (size_t j = 0; j < values.size(); ++j) {
        if (op.arguments[j].allowed == descriptor::Allowed::divisor_of_channels) values[j].integer = 1;
        if (op.arguments[j].type == descriptor::Type::extents) values[j].integers = {shape + 2, 1};
        if (op.arguments[j].type == descriptor::Type::boolean) values[j].integer = 1;
      }
      EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"kiln_" + op.name + ": " + argument.name + ": ", "-1"},
                              op.call(nullptr, tensors.data(), values.data())))
          << op.name;
    }
    tensors.front() = nullptr;
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT,
                            {"kiln_" + op.name + ": " + op.tensors.front().name + ": ", "NULL"},
                            op.call(nullptr, tensors.data(), values.data())))
        << op.name;
  }
}

TEST(DescriptorsDeathTest, EndTheProcessAtAnUnknownName) {
  EXPECT_DEATH(descriptor::operator_named("batchnorm"), "no operator 'batchnorm'");
  const descriptor::Operator &op = descriptor::operator_named("layer_norm");
  EXPECT_EQ(op.tensor("bias"), 2);
  EXPECT_EQ(op.argument("eps"), 1);
  EXPECT_DEATH(op.tensor("running_mean"), "no layer_norm's tensor 'running_mean'");
  EXPECT_DEATH(op.argument("momentum"), "no layer_norm's argument 'momentum'");
}

TEST(Kernels, NameTheirTargetsIsaAndDevice) {
  std::map<std::string, std::string> isa_of, device_of;
  for (const TargetRow &t : targets()) isa_of[t.name] = t.isa, device_of[t.name] = "cpu";
  for (const DeviceRow &d : devices()) isa_of[d.name] = device_of[d.name] = d.device;
  std::map<std::string, int> runs;
  for (const kiln_kernel_info &kernel : kernels()) {
    EXPECT_EQ(isa_of[kernel.target], kernel.isa) << identity(kernel);
    EXPECT_EQ(device_of[kernel.target], kernel.device) << identity(kernel);
    EXPECT_EQ(runs.emplace(kernel.isa, kernel.runs_here).first->second, kernel.runs_here) << identity(kernel);
  }
  EXPECT_EQ(runs[baseline().name], 1);
}

TEST(Kernels, OutsideTheListAreErrors) {
  kiln_kernel_info info{};
  const int64_t count = static_cast<int64_t>(kernels().size());
  for (int64_t index :
       {count, count + 1, int64_t{-1}, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()})
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"index", "expected", std::to_string(index)},
                            kiln_kernel_at(index, &info)));
  EXPECT_EQ(info.op, nullptr) << "info was written";
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"info", "NULL"}, kiln_kernel_at(0, nullptr)));
}

TEST(Version, IsTheHeaders) {
  std::ostringstream version;
  version << KILN_VERSION_MAJOR << '.' << KILN_VERSION_MINOR << '.' << KILN_VERSION_PATCH;
  EXPECT_EQ(kiln_version(), version.str());
}

}  // namespace
}  // namespace kiln::test
