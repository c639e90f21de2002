// What a session may say of how Kiln takes its nodes and computes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "call.h"

namespace kiln::onnx {

// As add_provider_for_devices() gets them, all texts; ONNX Runtime keeps them among the session's entries.
struct Options {
  bool fuse = true;  // fuse: whether patterns of several nodes become one of Kiln's operators, 1 or 0
  // operators: only these of ONNX's operators, by name, with commas; all where it is not given.
  std::optional<std::vector<std::string>> operators;

  // Reads them all and sets what is the context's: accuracy (exact, fast), isa, threads. Throws for one that is not
  // known or has no such value.
  Options(const Api &api, const char *provider, const ort::SessionOptions *session, Context &context);

  bool takes(const std::string &op) const;

 private:
  void set(const std::string &name, const std::string &value, Context &context);
};

}  // namespace kiln::onnx
