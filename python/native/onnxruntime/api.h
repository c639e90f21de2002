// ONNX Runtime's functions as the rest of the library calls them, and failures on their way there and back.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "ort_abi.h"

namespace kiln::onnx {

// What went wrong, with the code that ONNX Runtime gets for it.
struct Failure : std::runtime_error {
  Failure(ort::ErrorCode code, const std::string &text) : std::runtime_error(text), code(code) {}
  ort::ErrorCode code;
};

class Api {
 public:
  // The functions of an ONNX Runtime. One that is too old gets `refusal`, a status that says so, and no object that may
  // be used; NULL for both where it is so old that it has no way to be told.
  explicit Api(const ort::ApiBase &base) noexcept;
  bool usable() const { return ep_api_ != nullptr; }
  ort::Status *refusal() const { return refusal_; }

  template <class Function, class... Arguments>
  auto call(ort::Slot<Function> slot, Arguments... arguments) const {
    return function(api_, slot)(arguments...);
  }
  template <class Function, class... Arguments>
  auto call_ep(ort::Slot<Function> slot, Arguments... arguments) const {
    return function(ep_api_, slot)(arguments...);
  }
  // The same of functions that return a status; what is none of success is thrown as Failure.
  template <class Function, class... Arguments>
  void expect(ort::Slot<Function> slot, Arguments... arguments) const {
    check(function(api_, slot)(arguments...));
  }
  template <class Function, class... Arguments>
  void expect_ep(ort::Slot<Function> slot, Arguments... arguments) const {
    check(function(ep_api_, slot)(arguments...));
  }
  void check(ort::Status *status) const;
  // Whether it was success; a status of anything else is released.
  bool succeeds(ort::Status *status) const;

  // Does what ONNX Runtime asks for, and tells it what is thrown.
  template <class Body>
  ort::Status *guarded(const Body &body) const noexcept {
    try {
      body();
      return nullptr;
    } catch (const Failure &failure) {
      return call(ort::api::create_status, failure.code, failure.what());
    } catch (const std::exception &failure) {
      return call(ort::api::create_status, ort::kRuntimeException, failure.what());
    }
  }

 private:
  template <class Function>
  static Function *function(void *const *table, ort::Slot<Function> slot) {
    return reinterpret_cast<Function *>(table[slot.place]);
  }

  void *const *api_ = nullptr;
  void *const *ep_api_ = nullptr;
  ort::Status *refusal_ = nullptr;
};

}  // namespace kiln::onnx
