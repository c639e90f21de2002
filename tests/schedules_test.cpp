// The numbers of schedules/<target>.json at run time: a call is cut into tasks by the grain of its kernel's entry, or
// of the shape class that its extent is in, and of the variant for the process's CPU family where there is one.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/operation.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

using Json = nlohmann::json;

// The names of a kernel's entry, those that go first first, and the extents at the ends of its classes.
struct Entry {
  Json json;

  Entry(const Isa &isa, const std::vector<std::string> &keys) {
    std::ifstream file(std::string(KILN_SCHEDULES_DIR) + "/" + target_of(isa) + ".json");
    const Json kernels = Json::parse(file).at("forward").at("float32");
    for (auto key = keys.rbegin(); key != keys.rend(); ++key)
      if (kernels.contains(*key)) json = kernels.at(*key);
  }
  int64_t grain(int64_t extent) const {
    for (const Json &shape_class : json.value("classes", Json::array()))
      if (extent <= shape_class.at("up_to")) return grain_of(shape_class);
    return grain_of(json);
  }
  std::vector<int64_t> edges() const {
    std::vector<int64_t> extents;
    for (const Json &shape_class : json.value("classes", Json::array())) {
      const int64_t up_to = shape_class.at("up_to");
      extents.insert(extents.end(), {up_to, up_to + 1});
    }
    return extents;
  }

 private:
  static int64_t grain_of(const Json &schedule) {
    for (const Json &variant : schedule.value("variants", Json::array()))
      if (variant.at("family") == kiln_cpu_family()) return variant.at("runtime").at("grain");
    return schedule.at("runtime").at("grain");
  }
  static std::string target_of(const Isa &isa) {
    kiln_kernel_info info;
    for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; ++i)
      if (isa.name == info.isa) return info.target;
    ADD_FAILURE() << "no kernel for " << isa.name;
    return "";
  }
};

// How many tasks calls with a context are cut into, of at most 255.
struct Tasks {
  int64_t count = 1;  // one alone does not ask
  Context context;

  Tasks(const Isa &isa, kiln_accuracy accuracy) {
    context.isa(isa.name).accuracy(accuracy).threads(255).parallel_for(run, this);
  }
  static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    static_cast<Tasks *>(data)->count = count;
    for (int64_t i = 0; i < count; ++i) body(body_data, i);
  }
};

class ElementwiseSchedules : public ElementwiseTest {};
KILN_EACH_OPERATOR_AND_ISA(ElementwiseSchedules);

TEST_P(ElementwiseSchedules, CutCallsByTheGrain) {
  for (kiln_accuracy asked : {KILN_ACCURACY_EXACT, KILN_ACCURACY_FAST}) {
    const auto &built = op().accuracies;
    const bool has = std::find(built.begin(), built.end(), asked) != built.end();
    const std::string name = op().name, accuracy = has ? name_of(asked) : "exact";
    const Entry entry(isa(), {name + ".dense." + accuracy, name + ".dense", "dense"});
    std::vector<int64_t> extents = entry.edges();
    extents.push_back(3 * entry.grain(INT64_MAX) + 1);
    for (int64_t extent : extents) {
      Tasks tasks(isa(), asked);
      run_dense(op(), tasks.context, std::vector<float>(extent, 0.5f));
      const int64_t grain = entry.grain(extent);
      EXPECT_EQ(tasks.count, (extent + grain - 1) / grain) << extent << " elements, " << accuracy;
    }
  }
}

class RowSchedules : public IsaTest {};
KILN_EACH_ISA(RowSchedules);

// The last task has one row. Where memory allows, rows are more than a row's values: it is those that classes go by.
TEST_P(RowSchedules, CutCallsByTheGrain) {
  const Entry entry(isa(), {"layer_norm.rows.exact", "layer_norm.rows", "rows"});
  std::vector<int64_t> lengths = entry.edges();
  lengths.push_back(48);
  for (int64_t length : lengths) {
    const int64_t task_rows = (entry.grain(length) + length - 1) / length;
    const int64_t whole_tasks = length <= 1024 ? length / task_rows + 4 : 4, rows = whole_tasks * task_rows + 1;
    Tasks tasks(isa(), KILN_ACCURACY_EXACT);
    run_dense(tasks.context, layer_norm({length}), {rows, length}, std::vector<float>(rows * length, 0.5f));
    EXPECT_EQ(tasks.count, whole_tasks + 1) << rows << " rows of " << length;
  }
}

}  // namespace
}  // namespace kiln::test
