#include "case.h"

#include <algorithm>
#include <cmath>

namespace kiln::bench {

void expect(kiln_status status) {
  if (status != KILN_STATUS_OK) throw Error(kiln_last_error());
}

namespace {

// Numbers in [-1, 1) in an order that no predictor learns, the same on every machine.
class Numbers {
 public:
  explicit Numbers(uint32_t seed) : state(seed) {}
  float next() {
    state = state * 1664525u + 1013904223u;
    return static_cast<float>(static_cast<int32_t>(state & 0xffffff00u)) * 0x1p-31f;
  }

 private:
  uint32_t state;
};

void fill(Array &array, uint32_t seed, float scale, float offset) {
  Numbers numbers(seed);
  for (int64_t i = 0; i < array.storage; ++i) array.set(i, offset + scale * numbers.next());
}

std::vector<int64_t> parse_shape(const Json &description) {
  const auto shape = description.at("shape").get<std::vector<int64_t>>();
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 1) throw Error("shape: expected extents of at least 1, got " + description.at("shape").dump());
    if (__builtin_mul_overflow(count, extent, &count) || count > int64_t{1} << 34)
      throw Error("shape: expected at most 2^34 elements, got " + description.at("shape").dump());
  }
  return shape;
}

// Values that kernels may have a way of their own for; false where the name is unknown.
bool fill_as(Array &array, const std::string &data) {
  constexpr int64_t kBetween = 512;  // outliers
  const Extremes &extremes = array.element->extremes();
  if (data == "subnormal" || data == "huge") {
    fill(array, 1, data == "huge" ? extremes.huge : extremes.subnormal, 0);
  } else if (data == "outliers") {
    fill(array, 1, 2.0f, 0);
    for (int64_t i = 0; i < array.storage; i += kBetween) array.set(i, extremes.outlier);
  } else if (data == "nan" || data == "infinite" || data == "constant") {
    fill(array, 1, 0, data == "nan" ? NAN : data == "infinite" ? HUGE_VALF : 3.25f);
  } else {
    return false;
  }
  return true;
}

bool of_input(descriptor::Shape shape) { return shape == descriptor::Shape::any || shape == descriptor::Shape::input; }

bool is_written(const descriptor::Tensor &tensor) {
  return tensor.role == descriptor::Role::output || tensor.is_result();
}

const std::string &known_layout(const std::string &layout, size_t rank) {
  const auto known = {"contiguous", "channels_last", "padded", "transposed", "column"};
  if (std::find(known.begin(), known.end(), layout) == known.end())
    throw Error("layout: expected contiguous, channels_last, padded, transposed or column, got " + layout);
  if (layout == "channels_last" && rank < 3) throw Error("layout: channels_last takes at least 3 dimensions");
  return layout;
}

const descriptor::Operator &find_operator(const Json &description) {
  const std::string name = description.at("op");
  const auto &all = descriptor::operators();
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto &op) { return op.name == name; });
  if (at == all.end()) throw Error("op: no operator \"" + name + "\"");
  const auto expect_one_of = [&](const char *key, const std::vector<std::string> &known, const char *usual) {
    const std::string wanted = description.value(key, usual);
    if (std::find(known.begin(), known.end(), wanted) == known.end())
      throw Error(std::string(key) + ": " + name + " has no \"" + wanted + "\"");
  };
  expect_one_of("direction", {at->direction}, "forward");
  expect_one_of("dtype", at->dtypes, "float32");
  return *at;
}

descriptor::Value parse_value(const descriptor::Argument &argument, const Json &given, std::vector<int64_t> &list) {
  descriptor::Value value{};
  switch (argument.type) {
    case descriptor::Type::boolean:
      value.integer = given.get<bool>();
      break;
    case descriptor::Type::integer:
      value.integer = given.get<int64_t>();
      break;
    case descriptor::Type::real:  // JSON has no number for infinity
      value.real = given == "inf" ? HUGE_VAL : given == "-inf" ? -HUGE_VAL : given.get<double>();
      break;
    case descriptor::Type::extents:
    case descriptor::Type::dims:
      list = given.is_array() ? given.get<std::vector<int64_t>>() : std::vector<int64_t>{given.get<int64_t>()};
      value.integers = {list.data(), static_cast<int>(list.size())};
      break;
  }
  return value;
}

}  // namespace

Case::Case(const Json &description)
    : op(find_operator(description)),
      element(descriptor::element_named(description.value("dtype", std::string("float32")))),
      of_statistics(descriptor::element_named("float32")) {
  const std::vector<int64_t> shape = parse_shape(description);
  const std::string layout = known_layout(description.value("layout", "contiguous"), shape.size());
  read_arguments(description.value("arguments", Json::object()));
  make_tensors(shape, layout, description.value("absent", std::vector<std::string>{}));
  for (size_t i = 0; i < arrays.size(); ++i) fill_tensor(i, description.value("data", "usual"));
  find_statistics();
}

const Element &Case::element_of(const descriptor::Tensor &tensor) const {
  const bool statistic = tensor.role == descriptor::Role::moment || tensor.role == descriptor::Role::measured;
  return statistic ? of_statistics : element;
}

// An input covers the range in which elementwise functions are not constant, a variance is positive; the output's pages
// are there when the first round begins.
void Case::fill_tensor(size_t place, const std::string &data) {
  if (!tensors[place]) return;
  Array &array = arrays[place];
  const std::string &when = op.tensors[place].written_when;
  const bool variance = !when.empty() && op.tensors[place - 1].written_when == when;  // the second of two statistics
  if (is_written(op.tensors[place]))
    array.clear();
  else if (op.tensors[place].name != "input")
    fill(array, static_cast<uint32_t>(place > 0 ? place + 1 : 2), variance ? 0.5f : 1.0f, variance ? 1.0f : 0.0f);
  else if (data == "usual")
    fill(array, 1, op.elementwise() ? 8.0f : 2.0f, 0);
  else if (!fill_as(array, data))
    throw Error("data: expected subnormal, huge, outliers, nan, infinite or constant, got " + data);
}

// By the operator's form with statistics, from this case's tensors. Running statistics stay as they are; where they are
// used, nothing is measured, and the gradient reads nothing.
void Case::find_statistics() {
  const auto given = [&](const descriptor::Tensor &t) { return t.role == descriptor::Role::moment && find(t.name); };
  if (std::none_of(op.tensors.begin(), op.tensors.end(), given)) return;
  const descriptor::Operator &forward = descriptor::operator_named(op.forward + "_with_statistics");
  std::vector<descriptor::Value> with = descriptor::default_values(forward);
  for (size_t i = 0; i < with.size(); ++i)
    if (op.has_argument(forward.arguments[i].name)) with[i] = values[op.argument(forward.arguments[i].name)];
  for (const descriptor::Tensor &tensor : forward.tensors)
    if (!tensor.written_when.empty() && !with[forward.argument(tensor.written_when)].integer) return;
  Array output(x().shape, "contiguous", element);
  std::vector<DLTensor *> of_forward;
  for (const descriptor::Tensor &tensor : forward.tensors) {
    Array *const mine = tensor.role == descriptor::Role::output ? &output : find(tensor.name);
    of_forward.push_back(mine && tensor.written_when.empty() ? mine->tensor() : nullptr);
  }
  expect(forward.call(nullptr, of_forward.data(), with.data()));
}

void Case::read_arguments(const Json &given) {
  for (const auto &item : given.items())
    if (!op.has_argument(item.key())) throw Error("arguments: " + op.name + " has no " + item.key());
  values = descriptor::default_values(op);
  lists.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const descriptor::Argument &argument = op.arguments[i];
    if (given.contains(argument.name))
      values[i] = parse_value(argument, given.at(argument.name), lists[i]);
    else if (!argument.has_default)
      throw Error("arguments: " + op.name + " needs " + argument.name);
  }
}

void Case::make_tensors(const std::vector<int64_t> &shape, const std::string &layout,
                        const std::vector<std::string> &absent) {
  for (const std::string &name : absent)
    if (std::none_of(op.tensors.begin(), op.tensors.end(), [&](const auto &t) { return t.optional && t.name == name; }))
      throw Error("absent: " + op.name + " has no tensor " + name + " that may be absent");
  if (static_cast<int>(shape.size()) < op.tensors.front().least_rank)
    throw Error("shape: " + op.name + " takes at least " + std::to_string(op.tensors.front().least_rank) +
                " dimensions");
  for (size_t i = 0; i < op.tensors.size(); ++i) {
    const descriptor::Tensor &tensor = op.tensors[i];
    if (std::find(absent.begin(), absent.end(), tensor.name) != absent.end())
      arrays.emplace_back();
    else if (!of_input(tensor.shape))
      arrays.emplace_back(descriptor::shape_of(op, tensor, shape, values), "contiguous", element_of(tensor));
    else
      arrays.emplace_back(shape, i > 0 && (layout == "transposed" || layout == "column") ? "contiguous" : layout,
                          element);
  }
  for (Array &array : arrays) tensors.push_back(array.tensor());
}

void Case::move_to(devices::Device &device) {
  for (Array &array : arrays)
    if (array.tensor()) array.move_to(device);
}

std::vector<Array *> Case::written() {
  std::vector<Array *> found;
  for (size_t i = 0; i < arrays.size(); ++i)
    if (tensors[i] && is_written(op.tensors[i])) found.push_back(&arrays[i]);
  return found;
}

Array *Case::find(const std::string &name) {
  for (size_t i = 0; i < arrays.size(); ++i)
    if (op.tensors[i].name == name && tensors[i]) return &arrays[i];
  return nullptr;
}

}  // namespace kiln::bench
