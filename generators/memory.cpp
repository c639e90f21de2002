// Memory of a generator. Halide makes and drops small objects by the million, and the C library takes a sixth of a
// kernel's time for that. Here what is dropped goes back to a list of its size, from which it is handed out again;
// nothing goes back to the system, as the process soon ends.
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kUnit = 16, kMostUnits = 32, kBlock = 1 << 20;

// In the word before an object: how many units it has with that word; 0 where malloc gave it.
using Word = std::size_t;
constexpr std::size_t kBefore = kUnit - sizeof(Word);  // so that objects begin at multiples of kUnit

struct Dropped {
  Dropped *next;
};
thread_local Dropped *dropped[kMostUnits + 1];  // by units
thread_local char *rest, *end;                  // of the last block

char *from_system(std::size_t bytes) {
  if (void *memory = std::malloc(bytes)) return static_cast<char *>(memory) + kBefore;
  std::abort();
}

void *with_word(char *memory, Word units) { return new (memory) Word{units} + 1; }

void *allocate(std::size_t bytes) {
  const std::size_t units = (sizeof(Word) + bytes + kUnit - 1) / kUnit;
  if (units > kMostUnits) return with_word(from_system(kUnit + bytes), 0);
  if (Dropped *object = dropped[units]) {
    dropped[units] = object->next;
    return object;
  }
  const std::size_t taken = units * kUnit;
  if (static_cast<std::size_t>(end - rest) < taken) {
    rest = from_system(kBlock + kBefore);
    end = rest + kBlock;
  }
  char *memory = rest;
  rest += taken;
  return with_word(memory, units);
}

void drop(void *object) {
  if (!object) return;
  Word *word = static_cast<Word *>(object) - 1;
  if (*word == 0) return std::free(reinterpret_cast<char *>(word) - kBefore);
  Dropped *&first = dropped[*word];
  first = new (object) Dropped{first};
}

}  // namespace

// The others are the C++ library's, which come here; those for larger alignment are its own, with their own delete.
void *operator new(std::size_t bytes) { return allocate(bytes); }
void operator delete(void *object) noexcept { drop(object); }
void operator delete(void *object, std::size_t) noexcept { drop(object); }
