// Options that several commands or operators have.
#ifndef KILN_TOOLS_OPTIONS_H
#define KILN_TOOLS_OPTIONS_H

#include <kiln/kiln.hpp>
#include <memory>
#include <optional>
#include <string>

#include "npy.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kiln::devices {
class Device;
class Memory;
}  // namespace kiln::devices

namespace kiln::tool {

// --threads, --isa, --accuracy: how a call is carried out.
struct CallOptions {
  int threads = 0;
  std::optional<std::string> isa;
  std::string accuracy = "exact";

  void add_to(CLI::App &app);
  // Throws where a setting cannot be had here.
  Context context() const;
};

// The environment's or the best instruction set for a context; throws where it cannot be had.
std::string isa_of(const Context &context);
// How many threads its calls use; a bad KILN_NUM_THREADS is reported.
int threads_of(const Context &context);

// `--weight W.npy`: a tensor that may be absent.
class TensorOption {
 public:
  CLI::Option *add_to(CLI::App &app, const std::string &name, const std::string &help);
  void load(Reading &reading);
  // The file's path, where one was given.
  const std::optional<std::string> &path() const { return path_; }
  // Takes this instead of a file's.
  void assume(Array array);
  // NULL where the option was not given.
  const View *view() const { return view_ ? &*view_ : nullptr; }
  const Array *array() const { return array_ ? &*array_ : nullptr; }
  // Has view() show a copy in a device's memory, until leave().
  void move_to(devices::Device &device);
  // Copies what is there into array().
  void fetch();
  void leave();

 private:
  std::optional<std::string> path_;
  std::optional<Array> array_;
  std::optional<View> view_;
  std::shared_ptr<devices::Memory> there_;
};

// `--eps 1e-5`, for int, int64_t and double; help shows the value that it has now as the default.
template <typename Number>
CLI::Option *add_number(CLI::App &app, const std::string &name, Number &value, const std::string &help);

// `--normalized-shape 5,10`; `none` is a word for no integers, in place of an empty text.
CLI::Option *add_integers(CLI::App &app, const std::string &name, Shape &values, const std::string &help,
                          const std::string &none = "");

// Refuses an empty text, which a script with an unset variable gives.
void refuse_empty(CLI::Option &option);

// `--dtype float16`: one of the element types that there are.
CLI::Option *add_dtype(CLI::App &app, std::string &dtype, const std::string &help);

// `--json`
CLI::Option *add_json(CLI::App &app, bool &json);

}  // namespace kiln::tool
#endif
