// The sentence that says what limits a device, and the numbers it is made of.
#include "harness/report/limit.h"

#include <gtest/gtest.h>

#include "harness/report/quantity.h"
#include "harness/report/rows.h"

namespace inferometer {
namespace {

Record Row(const char* metric, const char* bound, const char* roof, double fraction,
           double median) {
  Record record;
  record.metric = metric;
  record.workload = std::string(metric) == "decode_rate" ? "decode" : "prefill";
  record.device = "cpu:avx2";
  record.threads = 2;
  record.params = {{"depth", 0}};
  record.median = median;
  record.samples = {median};
  record.roofline =
      Roofline{.bound = bound, .roof = roof, .bytes = 775e6, .flops = 2.4e9, .fraction = fraction};
  return record;
}

Result With(std::vector<Record> records, int cores = 2) {
  Result result;
  result.device = {{"cpu", {{"cores", cores}}}};
  result.records = std::move(records);
  return result;
}

TEST(Limit, MemoryReached) {
  EXPECT_EQ(WhatLimits(With({Row("decode_rate", "memory", "read_bandwidth", 0.88, 40)})),
            "Decode reads weights at 31.00 GB/s, 88 % of what this memory delivers to 2 threads: "
            "memory bandwidth is the limit; more threads will not help.");
}

TEST(Limit, AboveTheRoofOfMemoryTheCacheDelivers) {
  const std::string text =
      WhatLimits(With({Row("decode_rate", "memory", "read_bandwidth", 1.18, 284)}));
  EXPECT_NE(text.find("118 % of what this memory delivers to 2 threads: the last cache holds"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("is the limit"), std::string::npos);
}

TEST(Limit, SaysNothingOfThreadsWhereCoresAreLeft) {
  const std::string text =
      WhatLimits(With({Row("decode_rate", "memory", "read_bandwidth", 0.88, 40)}, 8));
  EXPECT_EQ(text.find("more threads"), std::string::npos);
  EXPECT_NE(text.find("memory bandwidth is the limit"), std::string::npos);
}

TEST(Limit, FarFromTheRoofTheKernelsAreIt) {
  const std::string text =
      WhatLimits(With({Row("decode_rate", "memory", "read_bandwidth", 0.2, 10)}));
  EXPECT_NE(text.find("only 20 %"), std::string::npos);
  EXPECT_NE(text.find("the kernels are the limit"), std::string::npos);
  EXPECT_EQ(text.find("more threads"), std::string::npos);
}

TEST(Limit, BlamesNoKernelWhereOtherProgramsHeldTheProcessors) {
  Result result = With({Row("decode_rate", "memory", "read_bandwidth", 0.2, 10)});
  result.warnings = {{"background_load", "other programs used 79 %", "end them"}};
  const std::string text = WhatLimits(result);
  EXPECT_NE(text.find("only 20 %"), std::string::npos);
  EXPECT_NE(text.find("is not known"), std::string::npos);
  EXPECT_EQ(text.find("kernels"), std::string::npos);
}

TEST(Limit, ComputeBound) {
  Result result = With({Row("prefill_rate", "compute", "int8_peak", 0.75, 200)});
  Ceiling ceiling;
  ceiling.metric = "int8_peak";
  ceiling.device = "cpu:avx2";
  ceiling.threads = 2;
  ceiling.value = 1e12;
  result.ceilings = {ceiling};
  EXPECT_EQ(
      WhatLimits(result),
      "Prefill computes at 750.0 GOP/s, 75 % of the int8 peak of 2 threads: arithmetic is the "
      "limit; faster memory will not help.");
}

TEST(Limit, PrefersDecodeOnRealHardwareAtTheLeastDepth) {
  Record prefill = Row("prefill_rate", "compute", "int8_peak", 0.9, 500);
  Record deep = Row("decode_rate", "memory", "read_bandwidth", 0.5, 30);
  deep.params["depth"] = 2048;
  Record software = Row("decode_rate", "memory", "read_bandwidth", 0.1, 99);
  software.software = true;
  const Record chosen = Row("decode_rate", "memory", "read_bandwidth", 0.77, 40);
  EXPECT_NE(WhatLimits(With({prefill, deep, software, chosen})).find("77 %"), std::string::npos);
}

TEST(Limit, AdmitsIgnorance) {
  EXPECT_NE(WhatLimits(With({})).find("not known"), std::string::npos);
  Record failed = Row("decode_rate", "memory", "read_bandwidth", 0.9, 40);
  failed.status = Status::kFailed;
  EXPECT_NE(WhatLimits(With({failed})).find("not known"), std::string::npos);
}

TEST(Quantity, ReadsWell) {
  EXPECT_EQ(Quantity(1724, "tok/s"), "1,724 tok/s");
  EXPECT_EQ(Quantity(39.891, "tok/s"), "39.89 tok/s");
  EXPECT_EQ(Quantity(0.0243, "s"), "24.30 ms");
  EXPECT_EQ(Quantity(3e-7, "s"), "300.0 ns");
  EXPECT_EQ(Quantity(12.5, "s"), "12.50 s");
  EXPECT_EQ(Quantity(37.9e9, "B/s"), "37.90 GB/s");
  EXPECT_EQ(Quantity(1.16e12, "op/s"), "1.160 TOP/s");
  EXPECT_EQ(Quantity(1234567, "1"), "1,234,567");
  EXPECT_EQ(Quantity(-1500.0, "tok/s"), "-1,500 tok/s");
  EXPECT_EQ(Quantity(0, "s"), "0.000 s");
  EXPECT_EQ(Quantity(0.0000213, "1"), "2.1e-5");
  EXPECT_EQ(Quantity(-0.0000213, "1"), "-2.1e-5");
  EXPECT_EQ(Quantity(0.013, "1"), "0.013");
}

TEST(Rows, CommandIsSafeToPaste) {
  Result result;
  result.tool = result.device = nlohmann::json::object();
  result.run = {{"preset", "quick; rm -rf ~"}, {"seed", 1}};
  Record record;
  record.device = "cpu:avx2";
  record.model = ModelRef{.name = "it's", .quant = "q8_0", .sha256 = "", .bytes = 1};
  record.threads = 2;
  result.records = {record};
  EXPECT_EQ(RepeatCommand(result),
            "inferometer run --preset 'quick; rm -rf ~' --model 'it'\\''s' --quant q8_0 --device "
            "cpu:avx2 "
            "--threads 2 --seed 1");
}

}  // namespace
}  // namespace inferometer
