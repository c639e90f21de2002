#include "api.h"

#include <cstdio>

namespace kiln::onnx {

namespace {

// The first version whose statuses can be made: all have that function at the same place.
constexpr uint32_t kOldest = 1;

}  // namespace

Api::Api(const ort::ApiBase &base) noexcept {
  api_ = base.get_api(ort::kApiVersion);
  if (api_ != nullptr) {
    ep_api_ = call(ort::api::get_ep_api);
    return;
  }
  api_ = base.get_api(kOldest);
  if (api_ == nullptr) return;
  char text[160];
  std::snprintf(text, sizeof text,
                "Kiln needs ONNX Runtime 1.%u or later, whose execution providers may have kernels; this is %.40s",
                ort::kApiVersion, base.version());
  refusal_ = call(ort::api::create_status, ort::kNotImplemented, static_cast<const char *>(text));
}

void Api::check(ort::Status *status) const {
  if (status == nullptr) return;
  const std::string text = call(ort::api::get_error_message, static_cast<const ort::Status *>(status));
  call(ort::api::release_status, status);
  throw Failure(ort::kRuntimeException, text);
}

bool Api::succeeds(ort::Status *status) const {
  if (status == nullptr) return true;
  call(ort::api::release_status, status);
  return false;
}

}  // namespace kiln::onnx
