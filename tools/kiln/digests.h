// The digests in the repo: one 64-bit number an element type, operator, accuracy and stride, the same for every target.
#ifndef KILN_TOOLS_DIGESTS_H
#define KILN_TOOLS_DIGESTS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace kiln::tool {

// 16 lower-case hexadecimal digits.
std::string hex(uint64_t value);

class Digests {
 public:
  // Reads a file that save() wrote; throws where it is none.
  static Digests load(const std::string &path);
  // As load(), but a file that is not there is empty.
  static Digests load_or_empty(const std::string &path);
  // Replaces the file at once.
  void save(const std::string &path) const;

  std::optional<uint64_t> find(const std::string &dtype, const std::string &op, const std::string &accuracy,
                               uint32_t stride) const;
  void set(const std::string &dtype, const std::string &op, const std::string &accuracy, uint32_t stride,
           uint64_t digest);

 private:
  std::map<std::tuple<std::string, std::string, std::string, uint32_t>, uint64_t> digests_;
};

}  // namespace kiln::tool
#endif
