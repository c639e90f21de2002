// What the compiler's headers call that libstdc++.so has not had for long, so that the library runs with older ones.
#include <new>

namespace std {

// Of GCC 11: allocators, where a size is too large.
void __throw_bad_array_new_length() { throw bad_array_new_length(); }

}  // namespace std
