// Which mounts show control groups that limit CPU time is in /proc/self/mountinfo, which group the process is in in
// /proc/self/cgroup, and the limit in cpu.max (version 2) or in cpu.cfs_quota_us and cpu.cfs_period_us (version 1).
#include "control_groups.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "integers.h"

namespace kiln {
namespace {

constexpr size_t kLongest = 1024;  // bytes of a line or a path; longer ones are passed over

// The lines of a file, one after the other.
class Lines {
 public:
  explicit Lines(const char *path) : file_(open(path, O_RDONLY | O_CLOEXEC)) {}
  ~Lines() {
    if (file_ >= 0) close(file_);
  }
  Lines(const Lines &) = delete;
  Lines &operator=(const Lines &) = delete;

  // The next one that fits; false behind the last.
  bool next(char *line, size_t size) {
    size_t length = 0;
    for (int c = get();; c = get()) {
      if (c == kEnd && length == 0) return false;
      if (c != '\n' && c != kEnd) {
        if (length < size) line[length] = static_cast<char>(c);
        ++length;
      } else if (length < size) {
        line[length] = '\0';
        return true;
      } else {
        length = 0;
      }
    }
  }

 private:
  static constexpr int kEnd = -1;
  int get() {
    if (at_ == end_) {
      at_ = 0;
      end_ = file_ < 0 ? 0 : read(file_, buffer_, sizeof buffer_);
    }
    if (end_ <= 0) return end_ = at_ = 0, kEnd;
    return static_cast<unsigned char>(buffer_[at_++]);
  }

  int file_;
  ssize_t at_ = 0, end_ = 0;
  char buffer_[256];
};

// Cuts the text's next word off and steps behind it; "" at the end.
char *word(char **text, char separator) {
  char *const first = *text, *c = first;
  while (*c && *c != separator) ++c;
  if (*c) *c++ = '\0';
  *text = c;
  return first;
}

// Whether the list, which is cut up, has the word.
bool has_word(char *list, const char *wanted) {
  while (*list)
    if (strcmp(word(&list, ','), wanted) == 0) return true;
  return false;
}

// mountinfo's "\040", in place.
void decode(char *text) {
  char *to = text;
  for (const char *c = text; *c; ++to) {
    const auto digit = [&](int i) { return c[i] >= '0' && c[i] <= '7'; };
    const bool coded = *c == '\\' && digit(1) && digit(2) && digit(3);
    *to = coded ? static_cast<char>((c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0')) : *c;
    c += coded ? 4 : 1;
  }
  *to = '\0';
}

// A number of 0 or more; -1 for any other text.
int64_t number(const char *text) {
  int64_t value = *text ? 0 : -1;
  for (; *text; ++text)
    if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *text - '0', &value))
      return -1;
  return value;
}

// A directory of control groups, with room for the names of the files in it.
class Group {
 public:
  explicit Group(bool version_2) : version_2_(version_2) {}
  // False where it does not fit.
  bool set(const char *root, const char *mount, const char *below) {
    const int length = snprintf(path_, kLongest, "%s%s%s", root, mount, below);
    length_ = length < 0 ? kLongest : static_cast<size_t>(length);
    while (length_ < kLongest && length_ > 0 && path_[length_ - 1] == '/') --length_;
    return length_ < kLongest;
  }
  size_t length() const { return length_; }
  void go_up() {
    while (length_ > 0 && path_[--length_] != '/') {
    }
  }
  int64_t quota() {
    char text[64], *rest = text;
    int64_t time, period;
    if (version_2_) {
      if (!read("/cpu.max", text, sizeof text)) return kNoQuota;
      time = number(word(&rest, ' '));
      period = number(rest);
    } else {
      time = read("/cpu.cfs_quota_us", text, sizeof text) ? number(text) : -1;
      period = read("/cpu.cfs_period_us", text, sizeof text) ? number(text) : -1;
    }
    return time <= 0 || period <= 0 ? kNoQuota : (time - 1) / period + 1;
  }

 private:
  bool read(const char *name, char *text, size_t size) {
    snprintf(path_ + length_, sizeof path_ - length_, "%s", name);
    return Lines(path_).next(text, size);
  }

  bool version_2_;
  size_t length_ = 0;
  char path_[kLongest + 32];
};

// The process's group in the hierarchy of version 2, or in that of the controller `cpu`; NULL where there is none. It
// is read into `line`, which has kLongest bytes.
const char *own_group(const char *root, bool version_2, char *line) {
  snprintf(line, kLongest, "%s/proc/self/cgroup", root);
  for (Lines lines(line); lines.next(line, kLongest);) {
    char *rest = line;
    word(&rest, ':');
    char *const controllers = word(&rest, ':');
    if (version_2 ? *controllers == '\0' : has_word(controllers, "cpu")) return rest;
  }
  return nullptr;
}

// What of the path lies below `above`; NULL where it lies elsewhere.
const char *below(const char *path, const char *above) {
  size_t length = strlen(above);
  while (length > 0 && above[length - 1] == '/') --length;
  for (size_t i = 0; i < length; ++i)
    if (path[i] != above[i]) return nullptr;
  return path[length] == '/' || path[length] == '\0' ? path + length : nullptr;
}

// Of the group that a mount shows the process in, and of all above it as far as the mount shows them.
int64_t quota_of_mount(const char *root, const char *mount_root, const char *mount, bool version_2) {
  char line[kLongest];
  const char *const own = own_group(root, version_2, line), *const rest = own ? below(own, mount_root) : nullptr;
  if (!rest) return kNoQuota;
  Group group(version_2);
  if (!group.set(root, mount, "")) return kNoQuota;
  const size_t top = group.length();
  if (!group.set(root, mount, rest)) return kNoQuota;
  int64_t least = group.quota();
  while (group.length() > top) {
    group.go_up();
    least = min(least, group.quota());
  }
  return least;
}

}  // namespace

int64_t quota_in_cpus(const char *root) {
  int64_t least = kNoQuota;
  char line[kLongest];
  snprintf(line, sizeof line, "%s/proc/self/mountinfo", root);
  // 36 35 98:0 /root /mount options optional-fields - type source options
  for (Lines lines(line); lines.next(line, sizeof line);) {
    char *rest = line;
    for (int skipped = 0; skipped < 3; ++skipped) word(&rest, ' ');
    char *const mount_root = word(&rest, ' '), *const mount = word(&rest, ' ');
    while (*rest && strcmp(word(&rest, ' '), "-") != 0) {
    }
    const char *const type = word(&rest, ' ');
    word(&rest, ' ');
    const bool version_2 = strcmp(type, "cgroup2") == 0;
    if (!version_2 && !(strcmp(type, "cgroup") == 0 && has_word(rest, "cpu"))) continue;
    decode(mount_root);
    decode(mount);
    least = min(least, quota_of_mount(root, mount_root, mount, version_2));
  }
  return least;
}

}  // namespace kiln
