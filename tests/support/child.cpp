#include "support/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <sstream>

namespace kiln::test {
namespace {

constexpr size_t kToldSize = 4096;

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// The words of KILN_RUNNER: what starts programs of this architecture where the CPU is another.
std::vector<std::string> runner() {
  const char *text = std::getenv("KILN_RUNNER");
  std::istringstream words(text ? text : "");
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

int run_in_child(const std::function<int()> &body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) _exit(body());
  EXPECT_GT(child, 0) << "fork failed";
  return wait_for(child);
}

Told::Told()
    : text_(static_cast<char *>(mmap(nullptr, kToldSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
Told::~Told() { munmap(text_, kToldSize); }
void Told::tell(const std::string &text) { std::strncpy(text_, text.c_str(), kToldSize - 1); }

Finished run_program(const std::vector<std::string> &command,
                     const std::vector<std::pair<std::string, const char *>> &environment) {
  int pipes[2][2];
  EXPECT_EQ(pipe(pipes[0]) | pipe(pipes[1]), 0);
  std::vector<std::string> words = runner();
  words.insert(words.end(), command.begin(), command.end());
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    for (const auto &[name, value] : environment) value ? setenv(name.c_str(), value, 1) : unsetenv(name.c_str());
    std::vector<char *> arguments;
    for (const std::string &argument : words) arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    for (int k = 0; k < 2; ++k) {
      dup2(pipes[k][1], k + 1);
      close(pipes[k][0]);
      close(pipes[k][1]);
    }
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  for (auto &ends : pipes) close(ends[1]);
  Finished finished{0, "", ""};
  std::string *texts[] = {&finished.output, &finished.error};
  pollfd polls[] = {{pipes[0][0], POLLIN, 0}, {pipes[1][0], POLLIN, 0}};
  for (int open = 2; open > 0;) {
    poll(polls, 2, -1);
    for (int k = 0; k < 2; ++k) {
      if (polls[k].fd < 0 || polls[k].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = read(polls[k].fd, buffer, sizeof buffer);
      if (n > 0) {
        texts[k]->append(buffer, n);
      } else {
        close(polls[k].fd);
        polls[k].fd = -1;
        --open;
      }
    }
  }
  finished.status = wait_for(child);
  return finished;
}

}  // namespace kiln::test
