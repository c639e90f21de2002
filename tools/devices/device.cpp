#include "device.h"

#include <mutex>
#include <stdexcept>

namespace kiln::devices {

namespace {
// PoCL 3.1 finds no device in the second of two threads that ask first.
std::mutex asking;
}  // namespace

std::vector<Found> find(const std::string &api, std::string *why_not) {
  const std::lock_guard<std::mutex> lock(asking);
  return api == "cuda" ? find_cuda(why_not) : find_opencl(why_not);
}

std::unique_ptr<Device> open(const std::string &api, int index) {
  std::string why_not;
  const int count = static_cast<int>(find(api, &why_not).size());
  if (count == 0) throw std::runtime_error(api + ": " + why_not);
  if (index < 0 || index >= count)
    throw std::runtime_error(api + ": expected a device of number 0 to " + std::to_string(count - 1) + ", got " +
                             std::to_string(index));
  const std::lock_guard<std::mutex> lock(asking);
  return api == "cuda" ? open_cuda(index) : open_opencl(index);
}

}  // namespace kiln::devices
