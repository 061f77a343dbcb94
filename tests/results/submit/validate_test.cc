// Forgeries, each caught with its id, and what is sound let through.
#include "results/submit/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/base/error.h"
#include "results/statistics.h"
#include "results/submit/publish.h"
#include "tests/generated_section.h"
#include "tests/results/submit/made_result.h"

namespace inferometer {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Finding> Judge(const Published& published, const Archive& archive = {}) {
  return Validate(
      {.name = published.name, .text = published.text, .signature = published.signature}, archive);
}

json SoundDocument(const MadeOptions& options = {}) {
  return json::parse(Publish(ToJson(MadeResult(options)), TestKey()).text);
}

// The row of a workload's metric on a backend.
json& RowOf(json& document, const char* workload, const char* metric, const char* backend = "cpu") {
  for (json& row : document["records"]) {
    if (row["workload"] == workload && row["metric"] == metric && row["backend"] == backend)
      return row;
  }
  throw Error(ExitCode::kRunFailed, "no such row");
}

// Statistics that fit the samples: what a careful forger would write.
void Recompute(json& row) {
  Record record;
  record.metric = row["metric"];
  record.samples = row["samples"].get<std::vector<double>>();
  PutStatistics(record);
  row["median"] = record.median;
  row["n"] = record.samples.size();
  row["ci95"] = record.ci95 ? json::array({record.ci95->first, record.ci95->second}) : json();
  row["converged"] = record.converged;
  row["shape"] = record.shape;
  row["outliers"] = record.outliers;
}

// All times, rates and shares as if the device were `factor` times as fast; its roofs stay.
void SpeedUp(json& document, double factor) {
  for (json& row : document["records"]) {
    const bool is_time = row["unit"] == "s";
    for (json& sample : row["samples"])
      sample = sample.get<double>() * (is_time ? 1 / factor : factor);
    for (json& times : row["token_times_s"]) {
      for (json& time : times) time = time.get<double>() / factor;
    }
    if (row["roofline"].is_object()) {
      row["roofline"]["fraction"] = row["roofline"]["fraction"].get<double>() * factor;
    }
    Recompute(row);
  }
}

std::vector<std::string> Ids(const json& document, const Archive& archive = {}) {
  return IdsOf(Judge(Resign(document, TestKey()), archive));
}

TEST(Validate, LetsASoundResultThrough) {
  const std::vector<Finding> findings = Judge(Publish(ToJson(MadeResult()), TestKey()));
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk) << Describe(findings);
  EXPECT_THAT(IdsOf(findings), ElementsAre("device_unknown"));
}

TEST(Validate, LetsAFastGpuThrough) {
  const std::vector<Finding> findings =
      Judge(Publish(ToJson(MadeResult({.gpu = true})), TestKey()));
  EXPECT_THAT(IdsOf(findings), ElementsAre("device_unknown")) << Describe(findings);
}

struct Forgery {
  const char* what;
  void (*forge)(json& document);
  const char* id;
  ExitCode code;
};

const Forgery kForgeries[] = {
    {"edited number", [](json& d) { RowOf(d, "decode", "decode_rate")["median"] = 9e3; },
     "aggregate", ExitCode::kInvalidInput},
    {"edited interval", [](json& d) { RowOf(d, "decode", "decode_rate")["ci95"][0] = 1.0; },
     "aggregate", ExitCode::kInvalidInput},
    {"edited count", [](json& d) { RowOf(d, "prefill", "prefill_rate")["n"] = 80; }, "aggregate",
     ExitCode::kInvalidInput},
    {"edited shape", [](json& d) { RowOf(d, "prefill", "prefill_rate")["shape"] = "slowdown"; },
     "aggregate", ExitCode::kInvalidInput},
    {"edited roof", [](json& d) { d["ceilings"][0]["value"] = 1e12; }, "aggregate",
     ExitCode::kInvalidInput},
    {"edited share",
     [](json& d) { RowOf(d, "decode", "decode_rate")["roofline"]["fraction"] = 0.99; }, "aggregate",
     ExitCode::kInvalidInput},
    {"edited sample, statistics made to fit",
     [](json& d) {
       json& row = RowOf(d, "decode", "decode_rate");
       row["samples"][2] = row["samples"][2].get<double>() * 1.02;
       Recompute(row);
     },
     "token_times", ExitCode::kInvalidInput},
    {"edited latency, statistics made to fit",
     [](json& d) {
       json& row = RowOf(d, "decode", "itl_p50");
       row["samples"][1] = row["samples"][1].get<double>() * 0.98;
       Recompute(row);
     },
     "token_times", ExitCode::kInvalidInput},
    {"token times that go back",
     [](json& d) {
       json& times = RowOf(d, "decode", "decode_rate")["token_times_s"][0];
       std::swap(times[5], times[6]);
     },
     "token_times", ExitCode::kInvalidInput},
    {"tokens miscounted: fewer were timed",
     [](json& d) {
       json& row = RowOf(d, "decode", "decode_rate");
       for (json& times : row["token_times_s"]) times.erase(times.size() - 1);
     },
     "token_count", ExitCode::kInvalidInput},
    {"tokens miscounted: more are claimed",
     [](json& d) { RowOf(d, "decode", "decode_rate")["params"]["tokens"] = 256; }, "token_count",
     ExitCode::kInvalidInput},
    {"token times taken out",
     [](json& d) { RowOf(d, "decode", "decode_rate")["token_times_s"] = json::array(); },
     "token_count", ExitCode::kInvalidInput},
    {"faster than memory allows", [](json& d) { SpeedUp(d, 2); }, "above_roof",
     ExitCode::kImplausible},
    {"fewer bytes than the model has",
     [](json& d) { RowOf(d, "decode", "decode_rate")["roofline"]["bytes"] = 1e6; }, "price",
     ExitCode::kInvalidInput},
    {"copied samples",
     [](json& d) {
       d["records"].push_back(RowOf(d, "prefill", "prefill_rate"));
       d["records"].back()["params"]["tokens"] = 2048;
       d["records"].back()["roofline"] = nullptr;
       d["records"].back()["absent"]["roofline"] = "none";
     },
     "copied_samples", ExitCode::kImplausible},
    {"copied samples, scaled and turned round",
     [](json& d) {
       d["records"].push_back(RowOf(d, "prefill", "prefill_rate"));
       json& row = d["records"].back();
       row["params"]["tokens"] = 2048;
       row["roofline"] = nullptr;
       row["absent"]["roofline"] = "none";
       std::reverse(row["samples"].begin(), row["samples"].end());
       for (json& sample : row["samples"]) sample = sample.get<double>() * 0.93;
       Recompute(row);
     },
     "copied_samples", ExitCode::kImplausible},
    {"one sample many times",
     [](json& d) {
       json& row = RowOf(d, "prefill", "prefill_rate");
       for (json& sample : row["samples"]) sample = row["samples"][0];
       Recompute(row);
     },
     "copied_samples", ExitCode::kImplausible},
    {"wrong model hash",
     [](json& d) {
       for (json& row : d["records"]) row["model"]["sha256"] = std::string(64, 'e');
     },
     "model_mismatch", ExitCode::kInvalidInput},
    {"wrong model size",
     [](json& d) {
       for (json& row : d["records"]) row["model"]["bytes"] = 1000;
     },
     "model_mismatch", ExitCode::kInvalidInput},
    {"a model under another name",
     [](json& d) {
       for (json& row : d["records"]) row["model"]["name"] = "gguf-0123456789ab";
     },
     "model_mismatch", ExitCode::kInvalidInput},
    {"no conformance",
     [](json& d) {
       json& row = RowOf(d, "prefill", "prefill_rate");
       row["conformance"] = nullptr;
       row["absent"]["conformance"] = "none";
     },
     "conformance", ExitCode::kInvalidInput},
    {"conformance failed",
     [](json& d) { RowOf(d, "prefill", "prefill_rate")["conformance"]["pass"] = false; },
     "conformance", ExitCode::kInvalidInput},
    {"a limit of its own",
     [](json& d) { RowOf(d, "prefill", "prefill_rate")["conformance"]["limit"] = 0.5; },
     "conformance", ExitCode::kInvalidInput},
    {"another preset", [](json& d) { d["run"]["preset"] = "quick"; }, "not_leaderboard",
     ExitCode::kInvalidInput},
    {"another seed", [](json& d) { d["run"]["seed"] = 7; }, "not_leaderboard",
     ExitCode::kInvalidInput},
    {"an incomplete run", [](json& d) { d["run"]["complete"] = false; }, "incomplete",
     ExitCode::kInvalidInput},
    {"four repetitions",
     [](json& d) {
       json& row = RowOf(d, "prefill", "prefill_rate");
       row["samples"].erase(row["samples"].begin() + 4, row["samples"].end());
       Recompute(row);
       row["absent"]["ci95"] = "too few";
     },
     "repetitions", ExitCode::kInvalidInput},
    {"more time measured than passed", [](json& d) { d["run"]["duration_s"] = 0.5; }, "duration",
     ExitCode::kImplausible},
    {"another unit", [](json& d) { RowOf(d, "decode", "decode_rate")["unit"] = "s"; },
     "inconsistent", ExitCode::kInvalidInput},
    {"an unknown member", [](json& d) { d["device"]["hostname"] = "erikas-laptop"; }, "schema",
     ExitCode::kInvalidInput},
    {"a software renderer as a GPU",
     [](json& d) {
       d["device"]["gpus"] =
           json::array({{{"name", "llvmpipe (LLVM 15.0.6, 256 bits)"}, {"software", false}}});
     },
     "software_unmarked", ExitCode::kImplausible},
    {"an invented score",
     [](json& d) {
       d["scores"] = json::array({{{"metric", "score"},
                                   {"definition", "score_v1"},
                                   {"device", "cpu:avx2"},
                                   {"model", "smollm2-135m"},
                                   {"quant", "q8_0"},
                                   {"tier", "tiny"},
                                   {"value", 5000},
                                   {"reason", nullptr}}});
     },
     "aggregate", ExitCode::kInvalidInput},
};

TEST(Validate, CatchesEveryForgeryWithItsId) {
  for (const Forgery& forgery : kForgeries) {
    json document = SoundDocument();
    forgery.forge(document);
    const std::vector<Finding> findings = Judge(Resign(document, TestKey()));
    EXPECT_THAT(IdsOf(findings), Contains(forgery.id)) << forgery.what << "\n"
                                                       << Describe(findings);
    EXPECT_EQ(ExitCodeOf(findings), forgery.code) << forgery.what << "\n" << Describe(findings);
  }
}

TEST(Validate, CatchesBytesThatWereChangedAfterSigning) {
  Published published = Publish(ToJson(MadeResult()), TestKey());
  published.text.replace(published.text.find("Made-up"), 7, "Mode-up");
  EXPECT_THAT(IdsOf(Judge(published)), ElementsAre("file_name", "signature_bad", "device_unknown"));
}

TEST(Validate, CatchesANewSignatureByAnotherKey) {
  Published published = Publish(ToJson(MadeResult()), TestKey());
  published.signature = SecretKey::Generate().Sign(published.text, "file:x");
  EXPECT_THAT(IdsOf(Judge(published)), ElementsAre("signature_bad", "device_unknown"));
  EXPECT_THAT(
      IdsOf(Validate({.name = published.name, .text = published.text, .signature = {}}, {})),
      Contains("signature_missing"));
}

Archive ArchiveOf(const std::vector<json>& documents) {
  Archive archive;
  for (const json& document : documents) {
    archive.Add(Summarise("2026/05/0000000000000000.json", FromJson(document)));
  }
  return archive;
}

TEST(Validate, CatchesAnothersResultUnderANewKeyAndRun) {
  const Archive archive = ArchiveOf({SoundDocument()});
  const SecretKey thief = SecretKey::Generate();
  json document = SoundDocument();
  document["run"]["publisher"]["public_key"] = thief.PublicKey();
  std::vector<Finding> findings = Judge(Resign(document, thief), archive);
  EXPECT_THAT(IdsOf(findings), Contains("already_published"));
  EXPECT_THAT(Describe(findings), HasSubstr("by another key"));
  document["run"]["id"] = std::string(32, '0');  // the samples still tell
  findings = Judge(Resign(document, thief), archive);
  EXPECT_THAT(IdsOf(findings), Contains("already_published"));
  SpeedUp(document, 1.01);  // scaled, too
  EXPECT_THAT(IdsOf(Judge(Resign(document, thief), archive)), Contains("already_published"));
}

TEST(Validate, LetsAnotherRunOfTheSameDeviceThrough) {
  const Archive archive = ArchiveOf({SoundDocument()});
  const json again = SoundDocument({.seed = 2});
  EXPECT_THAT(Ids(again, archive), ElementsAre("device_unknown"));
}

TEST(Validate, SeesAGpuThatIsAsSlowAsTheProcessor) {
  const json document = SoundDocument({.gpu = true, .gpu_speed = 1.02});
  const std::vector<Finding> findings = Judge(Resign(document, TestKey()));
  EXPECT_THAT(IdsOf(findings), ElementsAre("slow_path", "device_unknown")) << Describe(findings);
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk);  // a warning, shown beside it
}

TEST(Validate, SeesABandwidthThatTheDeviceDoesNotHave) {
  json document = SoundDocument({.speed = 10});  // 600 GB/s
  EXPECT_THAT(Ids(document), ElementsAre("device_unknown"));
  document["device"]["cpu"]["name"] = "Apple M1";
  EXPECT_THAT(Ids(document), ElementsAre("roof_above_catalogue"));
}

TEST(Validate, AsksForReviewOfAnOutlierAmongPeers) {
  std::vector<json> peers;
  for (std::uint64_t seed = 10; seed < 16; ++seed) {
    peers.push_back(SoundDocument({.seed = seed}));
    peers.back()["run"]["publisher"]["public_key"] = SecretKey::Generate().PublicKey();
  }
  EXPECT_THAT(Ids(SoundDocument({.seed = 2}), ArchiveOf(peers)), ElementsAre("device_unknown"));
  EXPECT_THAT(Ids(SoundDocument({.seed = 3, .speed = 1.5}), ArchiveOf(peers)), Contains("peers"));
  peers.resize(4);  // too few to say anything
  EXPECT_THAT(Ids(SoundDocument({.seed = 3, .speed = 1.5}), ArchiveOf(peers)),
              ElementsAre("device_unknown"));
}

TEST(Validate, ShowsWhatWasNotQuietOrVirtual) {
  json document = SoundDocument();
  document["warnings"] =
      json::array({{{"id", "background_load"}, {"message", "busy"}, {"remedy", "end it"}},
                   {{"id", "virtual_machine"}, {"message", "kvm"}, {"remedy", "none"}}});
  document["tool"]["dirty"] = true;
  const std::vector<Finding> findings = Judge(Resign(document, TestKey()));
  EXPECT_THAT(IdsOf(findings),
              ElementsAre("not_quiet", "unofficial_build", "device_unknown", "virtual"));
  EXPECT_EQ(ExitCodeOf(findings), ExitCode::kOk);
}

TEST(Validate, ShortensLongLists) {
  json document = SoundDocument();
  json roof = document["ceilings"][0];
  roof["value"] = 1;
  for (int i = 0; i < 40; ++i) document["ceilings"].push_back(roof);
  const std::vector<Finding> findings = Judge(Resign(document, TestKey()));
  EXPECT_LE(findings.size(), 12u);
  EXPECT_THAT(Describe(findings), HasSubstr("more of this kind"));
}

TEST(Changes, OnlyAddResults) {
  const std::string folder = "results/public";
  const auto ids = [&](const std::string& text) {
    return IdsOf(AdditionsOf(ParseChanges(text), folder).findings);
  };
  const std::string good =
      "A\tresults/public/2026/05/0123456789abcdef.json\n"
      "A\tresults/public/2026/05/0123456789abcdef.json.minisig\n";
  EXPECT_THAT(ids(good), IsEmpty());
  EXPECT_THAT(AdditionsOf(ParseChanges(good), folder).results,
              ElementsAre("2026/05/0123456789abcdef.json"));
  for (const char* bad :
       {"M\tresults/public/2026/05/0123456789abcdef.json\n",
        "D\tresults/public/2026/05/0123456789abcdef.json\n", "A\tREADME.md\n",
        "A\tresults/public/../schema/x.json\n", "A\tresults/public/2026/05/x.txt\n",
        "A\tresults/publicity/x.json\n", "A\t.github/workflows/results.yml\n",
        "A\tresults/public/2026/05/fedcba9876543210.json.minisig\n"}) {
    EXPECT_THAT(ids(good + bad), ElementsAre("only_additions")) << bad;
  }
  std::string many;
  for (int i = 0; i < 21; ++i) many += "A\tresults/public/2026/05/" + std::to_string(i) + ".json\n";
  EXPECT_THAT(ids(many), ElementsAre("too_many"));
  EXPECT_THROW(ParseChanges("nonsense\n"), Error);
}

TEST(Findings, ReadmeIsNotStale) {
  ExpectSection("results/README.md", "findings", FindingsMarkdown());
}

}  // namespace
}  // namespace inferometer
