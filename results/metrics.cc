// The metric table. Everything that names a metric (schema, README, reports) is held against it.
#include "results/metrics.h"

#include <algorithm>
#include <string>

#include "results/metrics_markdown.h"

namespace inferometer {
namespace {

// Half-widths of the interval that end sampling: rates 2 %, latencies 5 % (README, "Statistics").
constexpr double kRate = 0.02;
constexpr double kLatency = 0.05;
// Differences of near numbers, and errors: known less well than what they are made of.
constexpr double kDerived = 0.1;
// Of counts, which may well be 0: the median is known to the whole number.
constexpr double kCount = 0.5;

// Bandwidths count the bytes that the program asks for, as STREAM does (J. D. McCalpin, "Memory
// bandwidth and machine balance in current high performance computers", 1995): no write-allocate.
constexpr Metric kMetrics[] = {
    // Workloads
    {"decode_rate", "decode_rate_v1", "tok/s", Better::kHigher, "Decode rate",
     "(n - 1) / (t_last - t_first) over n generated tokens, one at a time.", kRate},
    {"prefill_rate", "prefill_rate_v1", "tok/s", Better::kHigher, "Prefill rate",
     "Prompt tokens / (time from the ids being handed over to the logits of the last one).", kRate},
    {"ttft", "ttft_v1", "s", Better::kLower, "Time to first token",
     "From the token ids being handed over to the first sampled token; no tokenizer, no load.",
     kLatency},
    {"itl_p50", "itl_v1", "s", Better::kLower, "Inter-token latency, p50",
     "Median of the differences between consecutive token times.", kLatency},
    {"itl_p95", "itl_v1", "s", Better::kLower, "Inter-token latency, p95",
     "95th percentile of the differences between consecutive token times.", kLatency},
    {"itl_p99", "itl_v1", "s", Better::kLower, "Inter-token latency, p99",
     "99th percentile of the differences between consecutive token times; from 1000 tokens on.",
     kLatency},
    {"load_time", "load_time_v1", "s", Better::kLower, "Load time",
     "From opening the model file to the first sampled token.", kLatency},
    {"kv_reuse_speedup", "kv_reuse_speedup_v1", "1", Better::kHigher, "KV reuse speed-up",
     "Time to first token of turn 2 with the KV cache dropped / with it kept.", kLatency},
    {"first_clause_time", "first_clause_time_v1", "s", Better::kLower, "Time to first clause",
     "From the utterance's token ids being handed over to the 16th sampled token.", kLatency},
    {"speech_headroom", "speech_headroom_v1", "1", Better::kHigher, "Speech headroom",
     "Decode rate / rate at which speech uses tokens up at 160 words a minute, 4/3 tokens a word.",
     kRate},
    {"speech_stalls", "speech_stalls_v1", "1", Better::kLower, "Speech stalls",
     "Times that speech at 160 words a minute waits for a token after the first clause.", kLatency,
     kCount},
    {"kv_base_latency", "kv_base_latency_v1", "s", Better::kLower, "Token time, no cache",
     "a of the least-squares line: time of a token = a + b x cached tokens.", kLatency},
    {"kv_depth_cost", "kv_depth_cost_v1", "s/tok", Better::kLower, "Cost of a cached token",
     "b of the least-squares line: what each cached token adds to the time of a token.", kDerived},
    {"kv_fit_r2", "kv_fit_r2_v1", "1", Better::kHigher, "Fit, R squared",
     "1 - residual / total sum of squares of the line through token times over depth.", kLatency},
    {"kv_bytes", "kv_bytes_v1", "B", Better::kLower, "KV cache",
     "Bytes of the KV cache of one sequence, up to the depth of the row.", kRate},
    {"kv_nmse", "kv_nmse_v1", "1", Better::kLower, "KV cache, NMSE",
     "NMSE of the logits against those with the cache in f16 after the same tokens.", kDerived},
    {"kv_greedy_match", "kv_greedy_match_v1", "1", Better::kHigher, "KV cache, greedy match",
     "Share of steps whose greedy choice is the one with the cache in f16.", kRate},
    {"kv_snapshot_rate", "kv_snapshot_rate_v1", "B/s", Better::kHigher, "KV snapshot rate",
     "Bytes of the cache / time to hold them in host memory, or in a file on storage (fsync).",
     kRate},
    {"kv_restore_rate", "kv_restore_rate_v1", "B/s", Better::kHigher, "KV restore rate",
     "Bytes of the cache / time to put them back from host memory, or from a file.", kRate},
    {"kv_truncate_time", "kv_truncate_time_v1", "s", Better::kLower, "KV truncate time",
     "From cutting a sequence to half its length to the logits of the next token.", kLatency},
    {"kv_shift_rate", "kv_shift_rate_v1", "B/s", Better::kHigher, "KV shift rate",
     "Bytes of the positions that move down, keys rotated back, / time for it on the host.", kRate},
    {"kv_shift_nmse", "kv_shift_nmse_v1", "1", Better::kLower, "KV shift, NMSE",
     "NMSE of the next logits against prefill of the shifted text: information, since kept tokens "
     "have seen the dropped ones.",
     kDerived},
    {"batch_rate", "batch_rate_v1", "tok/s", Better::kHigher, "Batch rate",
     "Decode rate of one sequence x sequences that take part in every step.", kRate},
    {"sustained_rate", "sustained_rate_v1", "tok/s", Better::kHigher, "Sustained rate",
     "Tokens in each second of one long decode; one that spans two counts to each by its time.",
     kRate},
    {"sustained_ratio", "sustained_ratio_v1", "1", Better::kHigher, "Last minute against first",
     "Median of the last 60 one-second rates / median of the first 60.", kRate},
    {"throttle_onset", "throttle_onset_v1", "s", Better::kHigher, "Throttle onset",
     "When the one-second rates fall below 95 % of their best level and stay there.", kLatency},
    {"energy_per_token", "energy_v1", "J/tok", Better::kLower, "Energy per token",
     "Joules over the decode window only / tokens; idle power is reported apart.", kLatency},
    {"score", "score_v1", "1", Better::kHigher, "Score",
     "1000 x geometric mean of prefill at 512, decode at depth 0 and decode at depth 2048, each "
     "over the tier's frozen reference rate.",
     kRate},
    {"weight_bytes", "weight_bytes_v1", "B", Better::kLower, "Weights",
     "Bytes of the model's tensors as the plan has them.", kRate},
    {"cache_bytes", "cache_bytes_v1", "B", Better::kLower, "Cache",
     "Bytes of the caches of a plan for one sequence of the row's positions.", kRate},
    {"allocated_bytes", "allocated_bytes_v1", "B", Better::kLower, "All that a plan allocates",
     "Bytes of weights, caches, activations and indices of that plan, in steps of 512 tokens.",
     kRate},
    {"plan_ops", "plan_ops_v1", "1", Better::kLower, "Ops of a step",
     "Ops that the plan runs for one step.", kRate},
    {"dispatches", "dispatches_v1", "1", Better::kLower, "Dispatches of a token",
     "How many times the device is started for a step of one token.", kRate},
    // Ceilings
    {"read_bandwidth", "read_bandwidth_v1", "B/s", Better::kHigher, "Read bandwidth",
     "Bytes / s that all threads together read from memory, far beyond the last-level cache.",
     kRate},
    {"read_bandwidth_plain", "read_bandwidth_plain_v1", "B/s", Better::kHigher,
     "Plain read bandwidth",
     "The same with one stream a thread over the smallest pages: what a program gets that takes no "
     "care.",
     kRate},
    {"copy_bandwidth", "copy_bandwidth_v1", "B/s", Better::kHigher, "Copy bandwidth",
     "Bytes read plus bytes written / s of a[i] = b[i]; write-allocate traffic not counted.",
     kRate},
    {"triad_bandwidth", "triad_bandwidth_v1", "B/s", Better::kHigher, "Triad bandwidth",
     "Bytes read plus bytes written / s of a[i] = b[i] + s c[i]; write-allocate not counted.",
     kRate},
    {"fp32_peak", "fp32_peak_v1", "flop/s", Better::kHigher, "fp32 peak",
     "fp32 multiply-adds in registers on all threads; one counts as two operations.", kRate},
    {"fp16_peak", "fp16_peak_v1", "flop/s", Better::kHigher, "fp16 peak",
     "fp16 multiply-adds in registers on all threads; one counts as two operations.", kRate},
    {"bf16_peak", "bf16_peak_v1", "flop/s", Better::kHigher, "bf16 peak",
     "bf16 multiply-adds, summed in fp32, on all threads; one counts as two operations.", kRate},
    {"int8_peak", "int8_peak_v1", "op/s", Better::kHigher, "int8 peak",
     "int8 multiply-adds, summed in int32, on all threads; one counts as two operations.", kRate},
    {"fp16_matrix_peak", "fp16_matrix_peak_v1", "flop/s", Better::kHigher, "fp16 matrix peak",
     "fp16 multiply-adds by instructions that multiply small matrices; one counts as two.", kRate},
    {"bf16_matrix_peak", "bf16_matrix_peak_v1", "flop/s", Better::kHigher, "bf16 matrix peak",
     "bf16 multiply-adds by instructions that multiply small matrices; one counts as two.", kRate},
    {"int8_matrix_peak", "int8_matrix_peak_v1", "op/s", Better::kHigher, "int8 matrix peak",
     "int8 multiply-adds by instructions that multiply small matrices; one counts as two.", kRate},
    {"core_clock", "core_clock_v1", "Hz", Better::kHigher, "Core clock",
     "Dependent integer additions / s on all threads at once; every core does one a cycle.", kRate},
    {"cache_bandwidth", "cache_bandwidth_v1", "B/s", Better::kHigher, "Cache bandwidth",
     "Bytes / s that all threads together read, each again and again its own `bytes`.", kRate},
    {"access_latency", "access_latency_v1", "s", Better::kLower, "Access latency",
     "Time of a load whose address the load before it gave, through a random cycle over all lines "
     "of `bytes`; one thread.",
     kLatency},
    {"cache_size", "cache_size_v1", "B", Better::kHigher, "Cache size",
     "The largest `bytes` before access latency leaves a level's plateau; `described_bytes` is "
     "what "
     "the system says.",
     kRate},
    {"barrier_latency", "barrier_latency_v1", "s", Better::kLower, "Barrier latency",
     "From the last thread's arrival at a barrier to every thread having left it.", kLatency},
    {"launch_latency", "launch_latency_v1", "s", Better::kLower, "Launch latency",
     "From handing a device a plan of one empty dispatch to its completion being known, by the "
     "host's clock.",
     kLatency},
    {"dispatch_latency", "dispatch_latency_v1", "s", Better::kLower, "Dispatch latency",
     "Time of one of a thousand empty dispatches of a plan that wait for each other, by the "
     "device's clock where it has one.",
     kLatency},
    {"subgroup_latency", "subgroup_latency_v1", "s", Better::kLower, "Subgroup sum",
     "Time of one sum over all lanes of a subgroup, each of the result of the one before.",
     kLatency},
    {"host_memory_bandwidth", "host_memory_bandwidth_v1", "B/s", Better::kHigher,
     "Host memory bandwidth",
     "Bytes / s that the kernels of a GPU read from memory that the host writes.", kRate},
    {"upload_bandwidth", "upload_bandwidth_v1", "B/s", Better::kHigher, "Upload bandwidth",
     "Bytes / s copied from memory that the host writes into the device's own.", kRate},
    {"download_bandwidth", "download_bandwidth_v1", "B/s", Better::kHigher, "Download bandwidth",
     "Bytes / s copied from the device's own memory into memory that the host reads.", kRate},
    {"timer_step", "timer_step_v1", "s", Better::kLower, "Timer step",
     "The least difference that the clock shows.", kLatency},
    {"timer_overhead", "timer_overhead_v1", "s", Better::kLower, "Timer overhead",
     "What one reading of the clock costs.", kLatency},
};

}  // namespace

std::span<const Metric> Metrics() { return kMetrics; }

const Metric* FindMetric(std::string_view name) {
  const auto found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                  [name](const Metric& metric) { return metric.name == name; });
  return found == std::end(kMetrics) ? nullptr : found;
}

std::string MetricsMarkdown() {
  std::string text =
      "| metric | definition | unit | better | what is measured |\n|---|---|---|---|---|\n";
  for (const Metric& metric : kMetrics) {
    text.append("| `").append(metric.name).append("` | `").append(metric.definition);
    text.append("` | ").append(metric.unit).append(" | ");
    text.append(metric.better == Better::kHigher ? "higher" : "lower").append(" | ");
    text.append(metric.help).append(" |\n");
  }
  return text;
}

}  // namespace inferometer
