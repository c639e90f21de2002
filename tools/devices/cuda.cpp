#include <device/cuda_api.h>

#include <stdexcept>

#include "device.h"

namespace kiln::devices {
namespace {

namespace driver = kiln::cuda;

// The driver, opened and started once; throws where it cannot be.
const driver::Api &api() {
  static const driver::Api opened = [] {
    driver::Api a;
    char error[300];
    if (!driver::open(&a, error, sizeof error)) throw std::runtime_error(error);
    const char *text = "unknown error";
    if (const driver::Result r = a.init(0)) {
      a.error_text(r, &text);
      throw std::runtime_error(std::string("cuInit: ") + text);
    }
    return a;
  }();
  return opened;
}

// Beyond what the library needs.
struct CopyApi {
  driver::Result (*copy)(driver::Address to, driver::Address from, size_t bytes, driver::Stream);
};

const CopyApi &copy_api() {
  static const CopyApi opened = [] {
    CopyApi a;
    char error[300];
    const char *const entries[] = {"cuMemcpyDtoDAsync_v2"};
    if (!open_driver("KILN_CUDA_DRIVER", "libcuda.so.1", entries, &a, error, sizeof error))
      throw std::runtime_error(error);
    return a;
  }();
  return opened;
}

void check(driver::Result result, const char *what) {
  if (result == driver::kSuccess) return;
  const char *text = "unknown error";
  api().error_text(result, &text);
  throw std::runtime_error(std::string(what) + ": " + text);
}

class Cuda : public Device {
 public:
  explicit Cuda(int index) : index_(index) {
    driver::Device device;
    check(api().device_get(&device, index), "cuDeviceGet");
    check(api().primary_retain(&context_, device), "cuDevicePrimaryCtxRetain");
    const Current current(context_);
    check(api().stream_create(&stream_, 1), "cuStreamCreate");  // CU_STREAM_NON_BLOCKING
  }
  ~Cuda() override {
    const Current current(context_);
    api().stream_destroy(stream_);
  }

  DLDevice id() const override { return {kDLCUDA, index_}; }
  std::string name() const override {
    char text[200] = "";
    check(api().device_name(text, sizeof text, index_), "cuDeviceGetName");
    return text;
  }
  void use_in(kiln_context *context) const override { kiln_context_set_cuda_stream(context, stream_); }
  void wait() override {
    const Current current(context_);
    check(api().stream_wait(stream_), "cuStreamSynchronize");
  }
  void *allocate(size_t bytes) override {
    const Current current(context_);
    driver::Address address = 0;
    check(api().allocate(&address, bytes), "cuMemAlloc");
    return reinterpret_cast<void *>(address);
  }
  void release(void *memory) override {
    const Current current(context_);
    api().release(reinterpret_cast<driver::Address>(memory));
  }
  void write(void *memory, size_t at, const void *from, size_t bytes) override {
    if (bytes == 0) return;
    wait();
    const Current current(context_);
    check(api().to_device(reinterpret_cast<driver::Address>(memory) + at, from, bytes), "cuMemcpyHtoD");
  }
  void read(const void *memory, size_t at, void *to, size_t bytes) override {
    if (bytes == 0) return;
    wait();
    const Current current(context_);
    check(api().to_host(to, reinterpret_cast<driver::Address>(memory) + at, bytes), "cuMemcpyDtoH");
  }
  void copy(void *to, const void *from, size_t bytes) override {
    const Current current(context_);
    check(copy_api().copy(reinterpret_cast<driver::Address>(to), reinterpret_cast<driver::Address>(from), bytes, stream_),
          "cuMemcpyDtoDAsync");
  }

 private:
  struct Current {
    explicit Current(driver::Context context) { check(api().push(context), "cuCtxPushCurrent"); }
    ~Current() {
      driver::Context popped;
      api().pop(&popped);
    }
  };

  int index_;
  driver::Context context_ = nullptr;
  driver::Stream stream_ = nullptr;
};

}  // namespace

std::vector<Found> find_cuda(std::string *why_not) try {
  std::vector<Found> found;
  int count = 0, version = 0;
  check(api().device_count(&count), "cuDeviceGetCount");
  check(api().driver_version(&version), "cuDriverGetVersion");
  for (int i = 0; i < count; ++i) {
    driver::Device device;
    char name[200] = "";
    size_t bytes = 0;
    int major = 0, minor = 0;
    check(api().device_get(&device, i), "cuDeviceGet");
    check(api().device_name(name, sizeof name, device), "cuDeviceGetName");
    check(api().device_memory(&bytes, device), "cuDeviceTotalMem");
    check(api().device_attribute(&major, driver::kCapabilityMajor, device), "cuDeviceGetAttribute");
    check(api().device_attribute(&minor, driver::kCapabilityMinor, device), "cuDeviceGetAttribute");
    found.push_back({"cuda", i, std::string(name) + ", sm_" + std::to_string(major) + std::to_string(minor),
                     "CUDA " + std::to_string(version / 1000) + '.' + std::to_string(version % 1000 / 10), bytes,
                     std::string(name).find("not a GPU") != std::string::npos});  // tests/cuda_simulator
  }
  if (found.empty()) *why_not = "the driver finds no device";
  return found;
} catch (const std::runtime_error &error) {
  *why_not = error.what();
  return {};
}

std::unique_ptr<Device> open_cuda(int index) { return std::make_unique<Cuda>(index); }

}  // namespace kiln::devices
