// The catalogue of devices: sound, sourced, and found by the names that probes read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/base/embedded.h"
#include "results/json.h"
#include "results/submit/device_catalogue.h"
#include "results/submit/known_models.h"
#include "results/validate_schema.h"

namespace inferometer {
namespace {

using nlohmann::json;

json Document() {
  for (const EmbeddedFile& file : SchemaFiles()) {
    if (file.name == "devices.json") return ParseJson(file.text, file.name);
  }
  return {};
}

TEST(Devices, FollowTheirSchema) {
  const std::vector<SchemaFinding> findings = ValidateSchema(Document(), SchemaName::kDevices);
  EXPECT_TRUE(findings.empty()) << Describe(findings);
  EXPECT_GE(DeviceCatalogue().size(), 60u);
}

TEST(Devices, BandwidthIsThatOfBusAndRate) {
  const json document = Document();
  std::set<std::string> ids, words;
  for (const json& device : document["devices"]) {
    const std::string id = device["id"];
    EXPECT_TRUE(ids.insert(id).second) << id;
    for (const json& word : device["match"]) {
      EXPECT_TRUE(words.insert(word.get<std::string>()).second) << id << " shares " << word;
    }
    const json& memory = device["memory"];
    EXPECT_TRUE(document["definitions"].contains(memory["definition"].get<std::string>())) << id;
    if (!memory.contains("bus_bits") || !memory.contains("transfers_per_s")) {
      EXPECT_EQ(memory["definition"], "maker") << id << ": nothing else says its bandwidth";
      continue;
    }
    const double product =
        memory["bus_bits"].get<double>() / 8 * memory["transfers_per_s"].get<double>();
    const double stated = memory["bandwidth_bytes_per_s"].get<double>();
    // Makers round: to whole GB/s and more.
    const double tolerance = memory["definition"] == "maker" ? 0.03 : 1e-6;
    EXPECT_NEAR(stated, product, tolerance * product) << id;
  }
}

// Bandwidth, peak and their sources of what people have at hand: laptops, phones and desktops.
TEST(Devices, HaveBandwidthAndPeakInAllClasses) {
  const json document = Document();
  std::map<std::string, int> whole;
  int all = 0;
  for (const json& device : document["devices"]) {
    if (!device.contains("fp32_flops_per_s")) continue;
    const json& peak = device["fp32_flops_per_s"];
    EXPECT_TRUE(document["definitions"].contains(peak["definition"].get<std::string>()))
        << device["id"];
    // An operation for each byte at least: else one of the two has a wrong unit.
    EXPECT_GT(peak["value"].get<double>(), device["memory"]["bandwidth_bytes_per_s"].get<double>())
        << device["id"];
    ++whole[device["class"].get<std::string>()];
    ++all;
  }
  EXPECT_GE(all, 65);
  EXPECT_GE(whole["phone"], 12);
  EXPECT_GE(whole["laptop"], 12);
  EXPECT_GE(whole["desktop"], 30);
}

TEST(Devices, AreFoundByTheNamesOfProbes) {
  const struct {
    const char* name;
    bool gpu;
    const char* id;
  } kNames[] = {
      {"Apple M1", false, "apple-m1"},
      {"Apple M1 Max", false, "apple-m1-max"},
      {"NVIDIA GeForce RTX 4090", true, "nvidia-rtx-4090"},
      {"NVIDIA GeForce RTX 4070 Ti SUPER", true, "nvidia-rtx-4070-ti-super"},
      {"AMD Radeon RX 7900 XTX (RADV NAVI31)", true, "amd-rx-7900-xtx"},
      {"Qualcomm Technologies, Inc SM8550", false, "qualcomm-snapdragon-8-gen-2"},
      {"Apple A16 Bionic", false, "apple-a16"},
      {"Google Tensor G4", false, "google-tensor-g4"},
  };
  for (const auto& [name, gpu, id] : kNames) {
    const CatalogueDevice* row = FindCatalogueDevice(name, gpu);
    ASSERT_NE(row, nullptr) << name;
    EXPECT_EQ(row->id, id) << name;
  }
  EXPECT_EQ(FindCatalogueDevice("Made-up CPU 9000", false), nullptr);
  EXPECT_EQ(FindCatalogueDevice("", false), nullptr);
  EXPECT_EQ(FindCatalogueDevice("Google Tensor G3", false), nullptr);
  EXPECT_EQ(FindCatalogueDevice("NVIDIA GeForce RTX 4090", false), nullptr);
}

TEST(KnownModels, HaveTheBytesOfTheirPlan) {
  EXPECT_GE(KnownModels().size(), 5u);
  std::set<std::string> seen;
  for (const KnownModel& model : KnownModels()) {
    EXPECT_TRUE(seen.insert(model.name + " " + model.quant).second);
    EXPECT_TRUE(IsKnownModelName(model.name)) << model.name;
    const auto price = PriceOfTokens(model.name, model.quant, 0, 1);
    ASSERT_TRUE(price) << model.name << " " << model.quant;
    // A token reads at most all weights, and for a dense model most of them.
    EXPECT_LE(price->bytes, 1.01 * static_cast<double>(model.bytes)) << model.name;
    EXPECT_GT(price->flops(), 0) << model.name;
  }
  for (const char* tier : {"smollm2-135m q8_0", "llama-3.2-1b q4_k_m", "llama-3.2-3b q4_k_m",
                           "llama-3.1-8b q4_k_m", "qwen3-30b-a3b q4_k_m"}) {
    EXPECT_TRUE(seen.contains(tier)) << tier << " is a tier of the suite";
  }
}

TEST(KnownModels, PriceIsLinearInThePosition) {
  const auto a = PriceOfTokens("smollm2-135m", "q8_0", 1, 1);
  const auto b = PriceOfTokens("smollm2-135m", "q8_0", 101, 1);
  const auto mean = PriceOfTokens("smollm2-135m", "q8_0", 1, 101);
  ASSERT_TRUE(a && b && mean);
  EXPECT_NEAR(mean->bytes, (a->bytes + b->bytes) / 2, 1e-6 * mean->bytes);
  // 30 layers of 3 heads of 64 values, key and value, two bytes each.
  EXPECT_DOUBLE_EQ(b->bytes - a->bytes, 100 * 30 * 3 * 64 * 2 * 2.0);
  EXPECT_FALSE(PriceOfTokens("unheard-of", "q8_0", 1, 1));
  EXPECT_FALSE(PriceOfTokens("smollm2-135m", "unheard-of", 1, 1));
  EXPECT_FALSE(PriceOfTokens("smollm2-135m", "q8_0", -1, 1));
}

}  // namespace
}  // namespace inferometer
