// What ONNX Runtime finds in this library: register_execution_provider_library() calls CreateEpFactories.
#include <new>

#include "provider.h"

namespace {

using namespace kiln::onnx;

class Factory : public ort::EpFactory {
 public:
  explicit Factory(const Api &api) : api_(api) {
    get_name = [](const ort::EpFactory *) { return kProviderName; };
    get_vendor = [](const ort::EpFactory *) { return "Kiln"; };
    get_vendor_id = [](const ort::EpFactory *) -> uint32_t { return 0; };
    get_version = [](const ort::EpFactory *) { return kiln_version(); };
    get_supported_devices = [](ort::EpFactory *self, const ort::HardwareDevice *const *devices, size_t count,
                               ort::EpDevice **supported, size_t most, size_t *supported_count) {
      return api_of(self).guarded([&] {
        *supported_count = 0;
        for (size_t i = 0; i < count && *supported_count < most; i++)
          if (api_of(self).call(ort::api::hardware_device_type, devices[i]) == ort::kCpuDevice)
            api_of(self).expect_ep(ort::ep_api::create_ep_device, self, devices[i], nullptr, nullptr,
                                   &supported[(*supported_count)++]);
      });
    };
    create_ep = [](ort::EpFactory *self, const ort::HardwareDevice *const *, const ort::KeyValuePairs *const *, size_t,
                   const ort::SessionOptions *session, const ort::Logger *logger, ort::Ep **ep) {
      return api_of(self).guarded([&] { *ep = new Provider(api_of(self), session, logger); });
    };
    create_data_transfer = [](ort::EpFactory *, ort::DataTransfer **transfer) -> ort::Status * {
      *transfer = nullptr;  // its memory is the CPU's
      return nullptr;
    };
    is_stream_aware = [](const ort::EpFactory *) { return false; };
    release_ep = [](ort::EpFactory *, ort::Ep *ep) { delete static_cast<Provider *>(ep); };
  }

  static const Api &api_of(const ort::EpFactory *self) { return static_cast<const Factory *>(self)->api_; }

 private:
  Api api_;
};

}  // namespace

extern "C" {

__attribute__((visibility("default"))) ort::Status *CreateEpFactories(const char *, const ort::ApiBase *base,
                                                                      const ort::Logger *, ort::EpFactory **factories,
                                                                      size_t most, size_t *count) {
  const Api api(*base);
  *count = 0;
  if (!api.usable()) return api.refusal();
  return api.guarded([&] {
    if (most < 1) throw Failure(ort::kInvalidArgument, "Kiln: ONNX Runtime has no place for its factory");
    factories[0] = new Factory(api);
    *count = 1;
  });
}

__attribute__((visibility("default"))) ort::Status *ReleaseEpFactory(ort::EpFactory *factory) {
  delete static_cast<Factory *>(factory);
  return nullptr;
}
}
