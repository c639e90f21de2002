// A case: an operator, its arguments and its tensors, from a JSON object such as
//   {"op": "layer_norm", "shape": [512, 768], "layout": "contiguous", "arguments": {"normalized_shape": [768]}}
// Layouts: contiguous, channels_last, padded (contiguous but for a gap of a vector after each row).
#pragma once

#include <devices/device.h>
#include <kiln/kiln.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace kiln::bench {

using Json = nlohmann::json;

// What the request is at fault for; the message goes back to who asked.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void expect(kiln_status status);  // throws Error with Kiln's message

// float32 memory aligned to a page, as a framework's allocator would for large tensors.
struct Array {
  Array() = default;
  Array(std::vector<int64_t> shape, const std::string &layout);

  // Has tensor() show a copy in a device's memory.
  void move_to(devices::Device &device);
  // Zeros, gaps too; and what tensor() shows, in data().
  void clear();
  void fetch();

  DLTensor *tensor() { return &view; }
  float *data() const { return memory.get(); }

  std::vector<int64_t> shape, strides;
  int64_t count = 0;    // elements
  int64_t storage = 0;  // the same with the gaps between rows

 private:
  struct Free {
    void operator()(float *p) const;
  };
  std::unique_ptr<float, Free> memory;
  std::unique_ptr<devices::Memory> there;
  DLTensor view{};
};

struct Case {
  explicit Case(const Json &description);
  void move_to(devices::Device &device);
  Case(const Case &) = delete;

  int64_t bytes() const { return x.count * static_cast<int64_t>(sizeof(float)); }
  Array *find(const std::string &name);  // x, y or a parameter; NULL where the case has none of this name

  std::string op;
  Json arguments;
  Array x, y;
  std::map<std::string, Array> parameters;  // weight, bias, running_mean, running_var
};

bool is_activation(const std::string &op);

}  // namespace kiln::bench
