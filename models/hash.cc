// The identity of a model: SHA-256 over its tensors in a fixed order.
//
// For each tensor, sorted by name, one line "NAME FORMAT DIMS HEX\n" with DIMS as in
// "576x49152x1x1" and HEX the SHA-256 of the tensor's bytes; the model's hash is the SHA-256 of all
// lines together. Rope divisors that are not all 1 count as the f32 tensor "rope_freqs.weight".
// Keys, tokenizer and the tensors' places in a file do not count: a synthetic model and the file
// written from it agree.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/base/sha256.h"
#include "models/model.h"

namespace inferometer {
namespace {

// Copies of tensors that wait for a thread hold at most this much, or one tensor.
constexpr std::size_t kMostWaitingBytes = std::size_t{256} << 20;

// Threads that hash what is handed to them, a tensor each.
class HashQueue {
 public:
  // `digests` must outlive the queue.
  explicit HashQueue(std::vector<std::string>& digests) : digests_(digests) {
    const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
  }
  ~HashQueue() { Finish(); }
  HashQueue(const HashQueue&) = delete;
  HashQueue& operator=(const HashQueue&) = delete;

  // Hashes `data`, or a copy of it when it will not last, into digests[index].
  void Add(std::size_t index, std::span<const std::byte> data, bool lasts) {
    Job job{index, data, nullptr, 0};
    if (!lasts) {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] {
        return waiting_bytes_ == 0 || waiting_bytes_ + data.size() <= kMostWaitingBytes;
      });
      waiting_bytes_ += data.size();
      lock.unlock();
      job.copy = std::make_unique_for_overwrite<std::byte[]>(data.size());
      job.copied = data.size();
      std::memcpy(job.copy.get(), data.data(), data.size());
      job.data = {job.copy.get(), data.size()};
    }
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    work_.notify_one();
  }

  // Waits until all is hashed.
  void Finish() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
      work_.notify_all();
    }
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
  }

 private:
  struct Job {
    std::size_t index;
    std::span<const std::byte> data;
    std::unique_ptr<std::byte[]> copy;
    std::size_t copied;
  };

  void Work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return finished_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      std::string digest = Sha256Hex(job.data);
      job.copy.reset();
      lock.lock();
      digests_[job.index] = std::move(digest);
      waiting_bytes_ -= job.copied;
      room_.notify_one();
    }
  }

  std::vector<std::string>& digests_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<Job> jobs_;
  std::size_t waiting_bytes_ = 0;
  bool finished_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace

std::string HashModel(const Model& model) {
  const std::vector<TensorDesc>& tensors = model.tensors;
  std::vector<std::string> digests(tensors.size());
  {
    HashQueue queue(digests);
    const bool lasts = !model.path.empty();  // a mapped file
    for (std::size_t i = 0; i < tensors.size(); ++i) queue.Add(i, model.load(i), lasts);
    queue.Finish();
  }
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return tensors[a].name < tensors[b].name; });
  std::string lines;
  for (const std::size_t i : order) {
    const auto& [a, b, c, d] = tensors[i].dims;
    lines += fmt::format("{} {} {}x{}x{}x{} {}\n", tensors[i].name,
                         FormatOf(tensors[i].format).name, a, b, c, d, digests[i]);
  }
  return Sha256Hex(lines);
}

}  // namespace inferometer
