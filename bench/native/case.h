// A case: an operator, its arguments and its tensors, from a JSON object such as
//   {"op": "layer_norm", "shape": [512, 768], "layout": "contiguous", "arguments": {"normalized_shape": [768]}}
// Layouts: contiguous, channels_last, padded (contiguous but for a gap of a vector after each row); and, of the input
// alone, transposed (its dimensions in reverse order) and column (elements a line of a matrix apart). "data": what the
// input holds. Arguments that are not there have their defaults. "absent": names of optional tensors that the call
// leaves out. "direction" and "dtype": forward and float32 where they are not there. All tensors are of that type, as a
// model of PyTorch has them after to(dtype), but for statistics; those that a gradient takes are the ones that the
// forward direction writes of the case's input.
#pragma once

#include <descriptors.h>
#include <devices/device.h>
#include <kiln/kiln.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "element.h"

namespace kiln::bench {

using Json = nlohmann::json;

// What the request is at fault for; the message goes back to who asked.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void expect(kiln_status status);  // throws Error with Kiln's message

// Memory aligned to a page, as a framework's allocator would for large tensors.
struct Array {
  Array() = default;
  Array(std::vector<int64_t> shape, const std::string &layout, const Element &element);

  // Has tensor() show a copy in a device's memory.
  void move_to(devices::Device &device);
  // Zeros, gaps too; and what tensor() shows, in data().
  void clear();
  void fetch();

  DLTensor *tensor() { return memory ? &view : nullptr; }  // NULL: none
  void *data() const { return memory.get(); }
  void set(int64_t index, float value) { element->set(data(), index, value); }  // in the order of memory
  size_t bytes() const { return storage * element->bytes(); }

  const Element *element = nullptr;
  std::vector<int64_t> shape, strides;
  int64_t count = 0;    // elements
  int64_t storage = 0;  // the same with the gaps between rows

 private:
  struct Free {
    void operator()(void *p) const;
  };
  std::unique_ptr<void, Free> memory;
  std::unique_ptr<devices::Memory> there;
  DLTensor view{};
};

class Case {
 public:
  explicit Case(const Json &description);
  void move_to(devices::Device &device);
  Case(const Case &) = delete;

  kiln_status call(const kiln_context *context) const { return op.call(context, tensors.data(), values.data()); }
  int64_t bytes() const { return x().count * static_cast<int64_t>(element.bytes()); }
  const Array &x() const { return arrays.front(); }
  Array &x() { return arrays.front(); }
  const Array &y() const { return arrays.back(); }
  Array &y() { return arrays.back(); }
  std::vector<Array *> written();        // those that a call writes for its results
  Array *find(const std::string &name);  // a tensor; NULL where the operator has none of this name, or it is absent

  const descriptor::Operator &op;
  const Element element;

 private:
  void read_arguments(const Json &given);
  void make_tensors(const std::vector<int64_t> &shape, const std::string &layout,
                    const std::vector<std::string> &absent);
  const Element &element_of(const descriptor::Tensor &tensor) const;
  void fill_tensor(size_t place, const std::string &data);
  void find_statistics();

  const Element of_statistics;      // that gradients take, and of those that are written for them
  std::vector<Array> arrays;        // in the order of the operator's tensors; an absent one is empty
  std::vector<DLTensor *> tensors;  // their views; NULL for an absent one
  std::vector<descriptor::Value> values;
  std::vector<std::vector<int64_t>> lists;  // what values of several integers point to
};

}  // namespace kiln::bench
