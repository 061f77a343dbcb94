// Regions, barriers and hand-over between threads.
#include "harness/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace inferometer {
namespace {

TEST(ThreadPool, EveryWorkerRunsOncePerRegion) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    std::vector<int> runs(static_cast<std::size_t>(threads));
    for (int i = 0; i < 50; ++i) {
      pool.Run([&runs](int worker) { ++runs[static_cast<std::size_t>(worker)]; });
    }
    for (const int count : runs) EXPECT_EQ(count, 50);
  }
}

TEST(ThreadPool, WhatOneWroteBeforeTheBarrierAllReadAfterIt) {
  ThreadPool pool(3);
  int cells[3] = {};
  std::atomic<int> wrong{0};
  pool.Run([&](int worker) {
    for (int round = 1; round <= 2000; ++round) {
      cells[worker] = round;
      pool.Barrier();
      for (const int cell : cells) wrong += cell != round ? 1 : 0;
      pool.Barrier();
    }
  });
  EXPECT_EQ(wrong.load(), 0);
}

TEST(ThreadPool, ALateThreadWakesSleepers) {
  ThreadPool pool(2);
  for (int i = 0; i < 3; ++i) {
    pool.Run([&pool](int worker) {
      // Far longer than a barrier spins.
      if (worker == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      pool.Barrier();
    });
  }
}

TEST(ThreadPool, TwoPoolsDoNotDisturbEachOther) {
  ThreadPool a(2), b(3);
  std::atomic<int> sum{0};
  for (int i = 0; i < 20; ++i) {
    a.Run([&sum](int) { ++sum; });
    b.Run([&sum](int) { ++sum; });
  }
  EXPECT_EQ(sum.load(), 100);
}

}  // namespace
}  // namespace inferometer
