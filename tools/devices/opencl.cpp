#include <device/opencl_api.h>

#include <stdexcept>

#include "device.h"

namespace kiln::devices {
namespace {

namespace driver = kiln::opencl;

const driver::Api &api() {
  static const driver::Api opened = [] {
    driver::Api a;
    char error[300];
    if (!driver::open(&a, error, sizeof error)) throw std::runtime_error(error);
    return a;
  }();
  return opened;
}

void check(driver::Result result, const char *what) {
  if (result != driver::kSuccess)
    throw std::runtime_error(std::string(what) + ": OpenCL's error " + std::to_string(result));
}

// All devices of all platforms, in their order.
std::vector<driver::Device> all_devices() {
  driver::Platform platforms[16];
  uint32_t platform_count = 0;
  const driver::Result result = api().platforms(16, platforms, &platform_count);
  if (result == driver::kPlatformNotFound) return {};
  check(result, "clGetPlatformIDs");
  std::vector<driver::Device> all;
  for (uint32_t p = 0; p < platform_count && p < 16; ++p) {
    driver::Device devices[16];
    uint32_t count = 0;
    if (api().devices(platforms[p], driver::kDeviceTypeAll, 16, devices, &count) != driver::kSuccess) continue;
    all.insert(all.end(), devices, devices + (count < 16 ? count : 16));
  }
  return all;
}

std::string text_of(driver::Device device, unsigned what) {
  char text[300] = "";
  check(api().device_info(device, what, sizeof text - 1, text, nullptr), "clGetDeviceInfo");
  return text;
}

class OpenCl : public Device {
 public:
  explicit OpenCl(driver::Device device) : device_(device) {
    driver::Result result = driver::kSuccess;
    context_ = api().context_create(nullptr, 1, &device_, nullptr, nullptr, &result);
    check(result, "clCreateContext");
    queue_ = api().queue_create(context_, device_, 0, &result);
    check(result, "clCreateCommandQueue");
  }
  ~OpenCl() override {
    api().queue_release(queue_);
    api().context_release(context_);
  }

  DLDevice id() const override { return {kDLOpenCL, 0}; }  // its context has this device alone
  std::string name() const override { return text_of(device_, driver::kDeviceName); }
  void use_in(kiln_context *context) const override { kiln_context_set_opencl_queue(context, queue_); }
  void wait() override { check(api().finish(queue_), "clFinish"); }
  void *allocate(size_t bytes) override {
    driver::Result result = driver::kSuccess;
    driver::Memory memory = api().memory_create(context_, driver::kReadWrite, bytes, nullptr, &result);
    check(result, "clCreateBuffer");
    return memory;
  }
  void release(void *memory) override { api().memory_release(static_cast<driver::Memory>(memory)); }
  void write(void *memory, size_t at, const void *from, size_t bytes) override {
    if (bytes == 0) return;
    check(api().write(queue_, static_cast<driver::Memory>(memory), 1, at, bytes, from, 0, nullptr, nullptr),
          "clEnqueueWriteBuffer");
  }
  void read(const void *memory, size_t at, void *to, size_t bytes) override {
    if (bytes == 0) return;
    check(api().read(queue_, static_cast<driver::Memory>(const_cast<void *>(memory)), 1, at, bytes, to, 0, nullptr,
                     nullptr),
          "clEnqueueReadBuffer");
  }
  void copy(void *to, const void *from, size_t bytes) override {
    check(api().copy(queue_, static_cast<driver::Memory>(const_cast<void *>(from)), static_cast<driver::Memory>(to), 0, 0,
                     bytes, 0, nullptr, nullptr),
          "clEnqueueCopyBuffer");
  }

 private:
  driver::Device device_;
  driver::Context context_ = nullptr;
  driver::Queue queue_ = nullptr;
};

}  // namespace

std::vector<Found> find_opencl(std::string *why_not) try {
  std::vector<Found> found;
  for (driver::Device device : all_devices()) {
    uint64_t bytes = 0, type = 0;
    check(api().device_info(device, driver::kDeviceType, sizeof type, &type, nullptr), "clGetDeviceInfo");
    check(api().device_info(device, driver::kDeviceGlobalBytes, sizeof bytes, &bytes, nullptr), "clGetDeviceInfo");
    found.push_back({"opencl", static_cast<int>(found.size()), text_of(device, driver::kDeviceName),
                     text_of(device, driver::kDeviceVersion), bytes, (type & driver::kDeviceTypeCpu) != 0});
  }
  if (found.empty()) *why_not = "no platform has a device";
  return found;
} catch (const std::runtime_error &error) {
  *why_not = error.what();
  return {};
}

std::unique_ptr<Device> open_opencl(int index) { return std::make_unique<OpenCl>(all_devices().at(index)); }

}  // namespace kiln::devices
