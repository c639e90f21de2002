// Devices as an app of libkiln uses them: memory, copies, a queue of its own. For the tool, the tests and the
// benchmark.
#ifndef KILN_TOOLS_DEVICE_H
#define KILN_TOOLS_DEVICE_H

#include <kiln/kiln.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kiln::devices {

// What a driver refuses is thrown as std::runtime_error.
class Device {
 public:
  virtual ~Device() = default;

  // What a tensor's `device` says.
  virtual DLDevice id() const = 0;
  virtual std::string name() const = 0;
  // Has calls with the context use this device's queue.
  virtual void use_in(kiln_context *context) const = 0;
  virtual void wait() = 0;

  // `memory` is what a tensor's `data` says, an address or an object.
  virtual void *allocate(size_t bytes) = 0;
  virtual void release(void *memory) = 0;
  // Copies that are done when they return, after what was enqueued before.
  virtual void write(void *memory, size_t at, const void *from, size_t bytes) = 0;
  virtual void read(const void *memory, size_t at, void *to, size_t bytes) = 0;
  // Between two of its memories, enqueued.
  virtual void copy(void *to, const void *from, size_t bytes) = 0;
};

// One of the devices that drivers find here.
struct Found {
  std::string api;  // "cuda" or "opencl"
  int index;        // open()'s
  std::string name, driver;
  uint64_t memory_bytes;
  bool emulated;  // a CPU or a simulator, whose times are no GPU's
};
// Those of an API; where there are none, `why_not` says why.
std::vector<Found> find(const std::string &api, std::string *why_not);

// "cuda" or "opencl"; throws where it cannot be had.
std::unique_ptr<Device> open(const std::string &api, int index = 0);

// Memory for the life of the object.
class Memory {
 public:
  Memory(Device &device, size_t bytes) : device_(device), data_(device.allocate(bytes > 0 ? bytes : 4)) {}
  ~Memory() { device_.release(data_); }
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  void *data() const { return data_; }
  Device &device() const { return device_; }

 private:
  Device &device_;
  void *data_;
};

// The parts of open() and find(), one for each API.
std::vector<Found> find_cuda(std::string *why_not);
std::vector<Found> find_opencl(std::string *why_not);
std::unique_ptr<Device> open_cuda(int index);
std::unique_ptr<Device> open_opencl(int index);

}  // namespace kiln::devices
#endif
