// Threads pinned to cores that enter a parallel region together, and the barrier inside it.
#ifndef INFEROMETER_HARNESS_BASE_THREAD_POOL_H_
#define INFEROMETER_HARNESS_BASE_THREAD_POOL_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace inferometer {

// A sense-reversing barrier: spins for a short while, then sleeps in the kernel, so that it is
// cheap when all arrive together and gives way when another program needs the core.
class SpinBarrier {
 public:
  explicit SpinBarrier(int threads) : threads_(threads) {}
  void Wait();

 private:
  const int threads_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> generation_{0};
  alignas(64) std::atomic<int> sleepers_{0};
};

class ThreadPool {
 public:
  // `threads` workers, the calling thread of Run being worker 0; each pinned to a place of its own
  // where there are enough (the caller at its first Run; see UnpinThisThread).
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls f(worker) on every thread at once and returns when all are done. `f` must not throw.
  template <typename F>
  void Run(F&& f) {
    Region region{[](void* context, int worker) { (*static_cast<F*>(context))(worker); }, &f};
    Enter(region);
  }

  // Inside a region: waits until every worker is here.
  void Barrier() { inner_.Wait(); }

 private:
  struct Region {
    void (*call)(void*, int);
    void* context;
  };
  void Enter(const Region& region);
  void Work(int worker);
  void Pin(int worker) const;

  const int threads_;
  Region region_{};
  bool stopping_ = false;
  SpinBarrier gate_, inner_;
  std::vector<std::thread> workers_;
};

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_THREAD_POOL_H_
