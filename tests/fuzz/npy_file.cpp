#include "fuzz/npy_file.h"

namespace kiln::fuzz {
namespace {

// What numpy.load reads of a header (its max_header_size).
constexpr size_t kLongestHeader = 10000;
constexpr int64_t kMostDimensions = 64;

// A header with what is known about it on the way.
struct Header {
  int version = 1;
  bool refused = false;  // for certain
  bool odd = false;      // nothing is certain
  int64_t values = 1;
  std::string text;

  void number(Choices &choices);
  void shape(Choices &choices);
  void write(Choices &choices);
};

void Header::number(Choices &choices) {
  static const std::vector<std::string> wrong = {"-1", "1.5", "1e3", "None", "'2'", "99999999999999999999", "x"};
  static const std::vector<std::string> debatable = {"0x10", "True", "", "+2", "9223372036854775807"};
  if (!choices.chance(4)) {
    const int64_t value = choices.integer(0, 5);
    values = values > 1000000 ? values : values * value;
    text += std::to_string(value);
  } else if (choices.chance(2)) {
    odd = true;
    text += choices.one_of(debatable);
  } else if (choices.chance(3)) {  // as Python 2 wrote integers, with its formats
    refused = refused || version >= 3;
    odd = true;
    text += "3L";
  } else {
    refused = true;
    text += choices.one_of(wrong);
  }
}

void Header::shape(Choices &choices) {
  text += "(";
  const int64_t rank = choices.chance(10) ? choices.integer(0, 70) : choices.integer(0, 4);
  for (int64_t d = 0; d < rank; ++d) {
    number(choices);
    if (d + 1 < rank || rank == 1) text += ",";
  }
  text += ")";
  refused = refused || rank > kMostDimensions;
}

void Header::write(Choices &choices) {
  static const std::vector<std::string> types = {"<f4", "<f4", "<f4", "<f4", ">f4", "|f4", "=f4",  "<f8", "<f2",
                                                 "<i4", "|b1", "|O",  "<c8", "f4",  "",    "<f44", "<U3", "<V2"};
  static const std::vector<std::string> orders = {"False", "False", "False", "True", "0", "None"};
  const std::string type = choices.one_of(types), order = choices.one_of(orders);
  odd = odd || type != "<f4" || (order != "False" && order != "True");
  refused = refused || type == "|O" || type == "<c8" || type.empty() || type == "<f44" || type == "<U3";
  text += "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': ";
  shape(choices);
  text += ", }";
  const size_t most = choices.chance(10) ? static_cast<size_t>(choices.integer(10000, 60000)) : 0;
  while (text.size() < most || text.size() % 64 != 53) text += ' ';
  text += "\n";
  refused = refused || text.size() > kLongestHeader;
}

std::string preamble(int version, size_t length) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(length >> 8 * i);
  return bytes;
}

}  // namespace

NpyFile any_npy_file(Choices &choices) {
  using Fate = NpyFile::Fate;
  Header header;
  if (choices.chance(3)) header.version = static_cast<int>(choices.integer(2, 3));
  header.write(choices);
  NpyFile file{preamble(header.version, header.text.size()) + header.text, Fate::any};
  const bool whole = header.values <= 4000 && choices.chance(2);
  const int64_t bytes = whole ? 4 * header.values : choices.integer(0, 200);
  for (int64_t i = 0; i < bytes; ++i) file.bytes += static_cast<char>(choices.bits(1));
  if (header.refused)
    file.fate = Fate::refused;
  else if (whole && !header.odd)
    file.fate = Fate::accepted;
  if (choices.chance(2)) return file;
  file.fate = Fate::any;
  for (int64_t i = choices.integer(1, 4); i > 0; --i)
    file.bytes[choices.integer(0, static_cast<int64_t>(file.bytes.size()) - 1)] = static_cast<char>(choices.bits(1));
  if (choices.chance(3)) file.bytes.resize(choices.integer(0, static_cast<int64_t>(file.bytes.size())));
  return file;
}

std::string npy_of_ones(const std::vector<int64_t> &shape) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  int64_t count = 1;
  for (int64_t extent : shape) text += std::to_string(extent) + ",", count *= extent;
  text += "), }\n";
  std::string bytes = preamble(1, text.size()) + text;
  for (int64_t i = 0; i < count; ++i) bytes += std::string("\0\0\x80\x3f", 4);
  return bytes;
}

}  // namespace kiln::fuzz
