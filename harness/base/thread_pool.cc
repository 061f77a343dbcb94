// Threads pinned to cores, and a barrier that spins briefly before it sleeps.
#include "harness/base/thread_pool.h"

#include <cstddef>

#include "harness/base/cpu_places.h"

namespace inferometer {
namespace {

inline void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 20 to 50 µs on the processors at hand: longer than any stage of a decode step is out of
// balance when all threads have a core, shorter than a scheduler's time slice when they have not.
constexpr int kSpins = 1000;

}  // namespace

void SpinBarrier::Wait() {
  const std::uint32_t generation = generation_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);
    generation_.store(generation + 1, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) > 0) generation_.notify_all();
    return;
  }
  for (int i = 0; i < kSpins; ++i) {
    if (generation_.load(std::memory_order_acquire) != generation) return;
    Relax();
  }
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  while (generation_.load(std::memory_order_seq_cst) == generation) {
    generation_.wait(generation, std::memory_order_seq_cst);
  }
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
}

ThreadPool::ThreadPool(int threads)
    : threads_(threads < 1 ? 1 : threads), gate_(threads_), inner_(threads_) {
  CpuPlaces();  // before any thread is pinned
  workers_.reserve(static_cast<std::size_t>(threads_ - 1));
  for (int worker = 1; worker < threads_; ++worker) {
    workers_.emplace_back([this, worker] { Work(worker); });
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  gate_.Wait();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::Pin(int worker) const {
  const std::vector<CpuPlace>& places = CpuPlaces();
  if (static_cast<std::size_t>(threads_) <= places.size()) {
    PinThisThread(places[static_cast<std::size_t>(worker)]);
  }
}

void ThreadPool::Enter(const Region& region) {
  static thread_local bool pinned = false;
  if (!pinned) Pin(0);
  pinned = true;
  region_ = region;
  gate_.Wait();
  region.call(region.context, 0);
  gate_.Wait();
}

void ThreadPool::Work(int worker) {
  Pin(worker);
  for (;;) {
    gate_.Wait();
    if (stopping_) return;
    region_.call(region_.context, worker);
    gate_.Wait();
  }
}

}  // namespace inferometer
