#include "device.h"

#include <map>

namespace kiln::bench {

devices::Device *device_of(const Json &request) {
  if (!request.contains("device")) return nullptr;
  const std::string api = request.at("device");
  if (api != "cuda" && api != "opencl") throw Error("device: expected cuda or opencl, got " + api);
  static std::map<std::string, std::unique_ptr<devices::Device>> opened;
  if (!opened[api]) opened[api] = devices::open(api);
  return opened[api].get();
}

Json describe_device(const std::string &api) {
  std::string why_not;
  const auto found = devices::find(api, &why_not);
  if (found.empty()) throw Error("device: " + api + ": " + why_not);
  const devices::Found &first = found.front();
  return {{"name", first.name},
          {"driver", first.driver},
          {"memory_bytes", first.memory_bytes},
          {"emulated", first.emulated}};
}

}  // namespace kiln::bench
