#include "named_files.h"

#include <unistd.h>

#include <optional>

#include "paths.h"
#include "text.h"

namespace kiln::tool {
namespace {

int standard_of(const NamedFile &file) { return file.output ? STDOUT_FILENO : STDIN_FILENO; }

// Two options with one file; `stream` is whether both read it as one.
void check_pair(const NamedFile &first, const NamedFile &second, bool stream) {
  const NamedFile &own = second.output || !first.output ? second : first;
  const NamedFile &other = &own == &second ? first : second;
  if (!own.output && !stream) return;
  if (!own.output) fail(own.option + ": expected another file than " + other.option + "'s, which can be read once");
  if (own.replaces == other.option) return;
  fail(own.option + ": expected a file of its own, got that of " + other.option + ": " +
       name_of(own.path, standard_of(own)));
}

}  // namespace

void check_apart(const std::vector<NamedFile> &files) {
  std::vector<std::optional<Place>> places;
  for (const NamedFile &file : files) places.push_back(place_of(file.path, standard_of(file)));
  for (size_t i = 0; i < files.size(); ++i)
    for (size_t j = i + 1; j < files.size(); ++j)
      if (places[i] && places[j] && *places[i] == *places[j])
        check_pair(files[i], files[j], places[i]->stream && places[j]->stream);
}

}  // namespace kiln::tool
