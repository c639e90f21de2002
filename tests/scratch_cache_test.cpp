// Working memory on devices, with an API that counts: what is reused, what is kept apart, what is freed.
#include <device/device.h>
#include <device/scratch_cache.h>
#include <gtest/gtest.h>

#include <map>

namespace kiln {
namespace {

// The counting API's memory: addresses are numbers from 1 on.
struct Heap {
  std::map<int64_t, int64_t> bytes;  // of each live address
  int64_t next = 1;
  int allocations = 0;
  bool refuses = false;
} heap;

kiln_status allocate(DeviceCall *call, int64_t bytes, DeviceMemory *memory) {
  if (heap.refuses) return call->record(KILN_STATUS_OUT_OF_MEMORY);
  ++heap.allocations;
  heap.bytes[heap.next] = bytes;
  *memory = {nullptr, heap.next++, bytes, true};
  return KILN_STATUS_OK;
}
void release(void *, const DeviceMemory &memory) { EXPECT_EQ(heap.bytes.erase(memory.offset), 1u); }
void end(DeviceCall *) {}

const DeviceApi kCounting = {"counting", nullptr, end, nullptr, allocate, release, nullptr, nullptr};

class ScratchCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { heap = {}; }

  ScratchBlock *take(ScratchCache &cache, int64_t bytes, uintptr_t queue = 1, uintptr_t context = 1,
                     uint64_t number = 0) {
    DeviceCall call;
    call.api = &kCounting;
    call.queue = reinterpret_cast<void *>(queue);
    call.driver_context = reinterpret_cast<void *>(context);
    call.context_number = number;
    ScratchBlock *block = nullptr;
    EXPECT_EQ(cache.take(&call, bytes, &block), heap.refuses ? KILN_STATUS_OUT_OF_MEMORY : KILN_STATUS_OK);
    EXPECT_TRUE(!block || block->memory.bytes >= bytes);
    return block;
  }

  ScratchCache cache_;
};

TEST_F(ScratchCacheTest, ABlockServesCallAfterCall) {
  ScratchBlock *first = take(cache_, 5000);
  cache_.give_back(first);
  for (int64_t bytes : {5000, 1, 8192}) {
    ScratchBlock *again = take(cache_, bytes);
    EXPECT_EQ(again, first);
    cache_.give_back(again);
  }
  EXPECT_EQ(heap.allocations, 1);
  cache_.free_all();
  EXPECT_TRUE(heap.bytes.empty());
}

// Two calls that are being enqueued, on one queue even, and queues, contexts, contexts of one address.
TEST_F(ScratchCacheTest, WhatMayOverlapInTimeIsApart) {
  ScratchBlock *first = take(cache_, 100), *second = take(cache_, 100);
  EXPECT_NE(first->memory.offset, second->memory.offset);
  cache_.give_back(first);
  cache_.give_back(second);
  for (auto [queue, context, number] : {std::tuple{2, 1, 0}, {1, 2, 0}, {1, 1, 7}}) {
    ScratchBlock *other = take(cache_, 100, queue, context, number);
    EXPECT_TRUE(other != first && other != second);
    cache_.give_back(other);
    EXPECT_EQ(take(cache_, 100, queue, context, number), other);
  }
  EXPECT_EQ(heap.allocations, 5);
  cache_.free_all();
  EXPECT_TRUE(heap.bytes.empty());
}

TEST_F(ScratchCacheTest, ABlockThatIsTooSmallIsReplaced) {
  cache_.give_back(take(cache_, 100));
  ScratchBlock *large = take(cache_, 1 << 20);
  EXPECT_EQ(heap.bytes.size(), 1u);
  EXPECT_EQ(heap.allocations, 2);
  cache_.give_back(large);
  // Of two that are idle, the smaller one that is large enough.
  ScratchBlock *held = take(cache_, 1 << 20), *small = take(cache_, 100);
  cache_.give_back(held);
  cache_.give_back(small);
  EXPECT_EQ(take(cache_, 100), small);
  cache_.free_all();
  EXPECT_TRUE(heap.bytes.empty());
}

TEST_F(ScratchCacheTest, ARefusalLeavesItUsable) {
  cache_.give_back(take(cache_, 100));
  heap.refuses = true;
  EXPECT_EQ(take(cache_, 1 << 20), nullptr);
  EXPECT_TRUE(heap.bytes.empty()) << "the block that was too small is freed first";
  heap.refuses = false;
  cache_.give_back(take(cache_, 1 << 20));
  cache_.give_back(take(cache_, 100));
  EXPECT_EQ(heap.bytes.size(), 1u);
  cache_.free_all();
}

// More than a power of two above 1 GiB would waste.
TEST_F(ScratchCacheTest, SizesAreRoundedUp) {
  for (auto [asked, got] : {std::pair<int64_t, int64_t>{1, 4096},
                            {4097, 8192},
                            {(1 << 30) - 1, 1 << 30},
                            {(int64_t{1} << 30) + 5, (int64_t{1} << 30) + 5}}) {
    ScratchCache cache;
    EXPECT_EQ(take(cache, asked)->memory.bytes, got);
    cache.free_all();
  }
}

}  // namespace
}  // namespace kiln
