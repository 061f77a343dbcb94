// The model cards: their numbers against the published parameter counts, and malformed cards.
#include "models/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness/base/embedded.h"
#include "harness/base/error.h"
#include "models/model.h"
#include "models/synth.h"

namespace inferometer {
namespace {

using testing::HasSubstr;

TEST(Catalog, HasTheSuitesModelsByName) {
  for (const char* name : {"smollm2-135m", "qwen3-0.6b", "tinyllama-1.1b", "llama-3.2-1b",
                           "llama-3.2-3b", "qwen3-4b", "llama-3.1-8b", "qwen3-30b-a3b"}) {
    ASSERT_NE(FindShape(name), nullptr) << name;
    EXPECT_EQ(FindShape(name)->name, name);
  }
  EXPECT_EQ(Catalog().size(), 8u);
  EXPECT_EQ(FindShape("llama"), nullptr);
}

TEST(Catalog, FileNamesAreModelNames) {
  const auto files = CatalogFiles();
  ASSERT_EQ(files.size(), ModelCards().size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(files[i].name, ModelCards()[i].shape.name + ".json");
    EXPECT_THAT(ModelCards()[i].source, testing::StartsWith("https://"));
  }
}

// One wrong width, layer or flag in a card and the count is off.
TEST(Catalog, WeightsAddUpToThePublishedParameters) {
  for (const ModelCard& card : ModelCards()) {
    std::uint64_t parameters = 0;
    for (const TensorDesc& desc : ModelTensors(card.shape, "f16")) {
      if (desc.name == "rope_freqs.weight") continue;  // derived, not trained
      parameters += static_cast<std::uint64_t>(desc.dims[0] * desc.dims[1] * desc.dims[2]);
    }
    EXPECT_EQ(parameters, card.parameters) << card.shape.name;
  }
}

TEST(Catalog, SmallestFirst) {
  std::uint64_t last = 0;
  for (const ModelCard& card : ModelCards()) {
    EXPECT_GT(card.parameters, last) << card.shape.name;
    last = card.parameters;
  }
}

std::string Complaint(const std::string& text) {
  try {
    ParseModelCard("card.json", text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kInvalidInput);
    return error.what();
  }
  return "accepted";
}

std::string Edited(const std::string& from, const std::string& to) {
  std::string text{CatalogFiles()[3].text};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ModelCard, ComplaintsNameFileAndKey) {
  EXPECT_EQ(Complaint(Edited("\"layers\"", "\"layers\"")), "accepted");
  EXPECT_THAT(Complaint(Edited("\"layers\": 16,", "")),
              testing::AllOf(HasSubstr("card.json"), HasSubstr("'layers'")));
  EXPECT_THAT(Complaint(Edited("\"layers\": 16", "\"layers\": \"16\"")), HasSubstr("'layers'"));
  EXPECT_THAT(Complaint(Edited("\"layers\": 16", "\"layers\": 16.5")), HasSubstr("'layers'"));
  EXPECT_THAT(Complaint(Edited("\"layers\": 16", "\"layers\": 18446744073709551615")),
              HasSubstr("'layers'"));
  EXPECT_THAT(Complaint(Edited("\"layers\": 16", "\"layers\": 0")), HasSubstr("layers"));
  EXPECT_THAT(Complaint(Edited("\"kv_heads\": 8", "\"kv_heads\": 7")), HasSubstr("kv_heads"));
  EXPECT_THAT(Complaint(Edited("\"layers\": 16", "\"layers\": 16, \"depth\": 3")),
              HasSubstr("'depth'"));
  EXPECT_THAT(Complaint(Edited("\"interleaved\"", "\"twisted\"")), HasSubstr("rope_style"));
  EXPECT_THAT(Complaint(Edited("\"factor\": 32,", "")),
              testing::AllOf(HasSubstr("rope_scaling"), HasSubstr("'factor'")));
  EXPECT_THAT(Complaint(Edited("\"tied_head\": true", "\"tied_head\": 1")), HasSubstr("tied_head"));
}

TEST(ModelCard, WhatIsNotAnObjectIsRefused) {
  for (const char* text : {"", "[]", "null", "{", "{\"name\": 3}", "\xff\xfe"}) {
    EXPECT_THAT(Complaint(text), HasSubstr("card.json")) << text;
  }
}

}  // namespace
}  // namespace inferometer
