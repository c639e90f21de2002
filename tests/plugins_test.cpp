// Two shared libraries made of libkiln.a, or one and libkiln.so, both loaded with RTLD_GLOBAL: each calls its own Kiln,
// with its own settings, messages and threads, and goes on when the other is unloaded.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

class Plugin {
 public:
  explicit Plugin(const char *path) : handle_(dlopen(path, RTLD_NOW | RTLD_GLOBAL)) {
    EXPECT_NE(handle_, nullptr) << dlerror();
  }
  ~Plugin() { close(); }
  Plugin(const Plugin &) = delete;
  Plugin &operator=(const Plugin &) = delete;

  void close() {
    if (!handle_) return;
    EXPECT_EQ(dlclose(handle_), 0) << dlerror();
    handle_ = nullptr;
  }

  template <typename Function>
  Function find(const char *name) const {
    void *const address = dlsym(handle_, name);
    EXPECT_NE(address, nullptr) << name;
    return reinterpret_cast<Function>(address);
  }

  // What a failing call of this plugin's own code leaves in this plugin's Kiln.
  std::string last_error() const { return find<const char *(*)()>("kiln_last_error")(); }
  void fail() const { EXPECT_EQ(find<int (*)()>("plugin_fail")(), 0) << "its own message is not the failure's"; }

  void run(int threads) const {
    std::vector<float> memory(300007);
    ASSERT_EQ((find<int (*)(float *, int64_t, int)>("plugin_run"))(memory.data(), memory.size(), threads), 0);
    for (float element : memory) ASSERT_EQ(element, 0.5f);
  }

 private:
  void *handle_;
};

TEST(Plugins, CallTheirOwn) {
  const Plugin first(KILN_FIRST_PLUGIN), second(KILN_SECOND_PLUGIN);
  EXPECT_NE(first.find<void *>("kiln_sigmoid"), second.find<void *>("kiln_sigmoid"));
  second.fail();
  EXPECT_EQ(first.last_error(), "") << "the second plugin's call went to the first one's Kiln";
  EXPECT_NE(second.last_error(), "");
  first.fail();
  EXPECT_NE(first.last_error(), "");
}

TEST(Plugins, GoOnWithoutTheOther) {
  Plugin first(KILN_FIRST_PLUGIN);
  const Plugin second(KILN_SECOND_PLUGIN);
  first.run(4);
  second.run(3);
  first.close();
  second.run(4);
}

// The process has libkiln.so's functions before the plugin's.
TEST(Plugins, BesideTheSharedLibrary) {
  const Plugin library(KILN_SHARED_LIBRARY), second(KILN_SECOND_PLUGIN);
  EXPECT_NE(library.find<void *>("kiln_sigmoid"), second.find<void *>("kiln_sigmoid"));
  second.fail();
  EXPECT_EQ(library.last_error(), "") << "the plugin's call went to libkiln.so";
  second.run(4);
}

}  // namespace
