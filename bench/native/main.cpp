// kiln_bench: answers the requests of session.h, one a line of standard input, each with one line of standard output.
// It needs nothing but itself, so it runs on a board too: bench/ sends the lines through --runner. kiln_bench --once
// REQUEST COUNT: calls Kiln COUNT times for the request's case and times nothing, for counting tools.
#include <cstdlib>
#include <iostream>

#include "session.h"

namespace {

using kiln::bench::Json;

int count_calls(const std::string &request, int count) {
  kiln::bench::Session session(Json::parse(request));
  for (kiln::bench::Implementation &c : session.implementations) {
    if (c.name.rfind("kiln/", 0) != 0) continue;
    for (int i = 0; i < count; ++i)
      if (!c.call()) throw kiln::bench::Error(c.name + ": the call failed");
    return 0;
  }
  throw kiln::bench::Error("the request has no implementation of Kiln's");
}

}  // namespace

int main(int argc, char **argv) {
  try {
    if (argc == 4 && std::string(argv[1]) == "--once") return count_calls(argv[2], std::atoi(argv[3]));
  } catch (const std::exception &e) {
    std::cerr << "kiln_bench: " << e.what() << '\n';
    return 1;
  }
  if (argc != 1) {
    std::cerr << "usage: kiln_bench            requests on standard input, one a line (bench/native/session.h)\n"
                 "       kiln_bench --once REQUEST COUNT\n";
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << kiln::bench::answered([&] { return kiln::bench::answer(Json::parse(line)); }).dump() << std::endl;
  return 0;
}
