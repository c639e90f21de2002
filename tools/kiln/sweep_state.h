// What a sweep has found so far, kept in a file so that it can be interrupted at any time.
#ifndef KILN_TOOLS_SWEEP_STATE_H
#define KILN_TOOLS_SWEEP_STATE_H

#include <map>
#include <string>
#include <vector>

#include "sweep.h"

namespace kiln::tool {

class SweepState {
 public:
  struct Entry {
    int64_t pieces = 0;  // done, from the first on
    double seconds = 0;
    std::vector<Findings> findings;  // one a variant
  };

  // Goes on from the file, if there is one; throws where it belongs to other inputs or another version of the library.
  // An empty path keeps nothing.
  SweepState(std::string path, const Inputs &inputs);

  // The operator's entry for these variants; made where it is not there.
  Entry &entry(const std::string &op, const std::vector<Variant> &variants);

  // Adds one piece to an entry and saves the whole.
  void add(Entry &entry, const std::vector<Findings> &piece, double seconds);

  // The sweep is over: removes the file.
  void finish() const;

 private:
  void load();
  void save() const;

  std::string path_;
  const Inputs &inputs_;
  std::map<std::string, Entry> entries_;  // by operator and variants
};

}  // namespace kiln::tool
#endif
