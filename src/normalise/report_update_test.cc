#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/encoding.h"
#include "normalise/report.h"

namespace callscope::normalise {
namespace {

using model::ReportKind;

std::string updated(ReportKind kind, std::string_view saved, std::string_view newer) {
  return update_body(kind, saved, newer, {});
}

TEST(UpdateBody, NamesWhatItChanges) {
  EXPECT_EQ(updated(ReportKind::kObserve,
                    R"({"call_id":"a","feedback":"good","timestamp":"2026-01-02T03:04:05Z"})",
                    R"({"call_id":"a","feedback":"bad","customer_number":"1"})"),
            R"({"call_id":"a","feedback":"bad","timestamp":"2026-01-02T03:04:05Z",)"
            R"("customer_number":"1"})");
  EXPECT_EQ(
      updated(ReportKind::kApi, R"({"call_id":"a","from":"1"})", R"({"call_id":"a","from":null})"),
      R"({"call_id":"a","from":null})");
}

TEST(UpdateBody, MergesMetadataByItsKeys) {
  constexpr std::string_view kSaved =
      R"({"call_id":"a","metadata":{"a":1,"b":{"c":1}},"dynamic_variables":"{\"x\":1}"})";
  EXPECT_EQ(updated(ReportKind::kObserve, kSaved,
                    R"({"metadata":{"b":{"d":2},"e":3},"dynamic_variables":{"y":2}})"),
            R"({"call_id":"a","metadata":{"a":1,"b":{"d":2},"e":3},)"
            R"("dynamic_variables":{"x":1,"y":2}})");
  EXPECT_EQ(updated(ReportKind::kObserve, R"({"metadata":{"a":1}})", R"({"metadata":null})"),
            R"({"metadata":null})");
}

TEST(UpdateBody, ATranscriptBringsItsOwnType) {
  constexpr std::string_view kSaved =
      R"({"call_id":"a","transcript_type":"vapi","transcript_json":[1]})";
  EXPECT_EQ(updated(ReportKind::kObserve, kSaved, R"({"transcript_json":[2]})"),
            R"({"call_id":"a","transcript_json":[2]})");
  EXPECT_EQ(updated(ReportKind::kObserve, kSaved, R"({"feedback":"x"})"),
            R"({"call_id":"a","transcript_type":"vapi","transcript_json":[1],"feedback":"x"})");
}

// Nothing that was taken may be lost because it is deep, or is JSON as Python writes it.
TEST(UpdateBody, KeepsWhatOnlyWeCanRead) {
  const std::string deep =
      R"({"call_id":"a","metadata":{"deep":)" + std::string(60, '[') + std::string(60, ']') + "}}";
  ASSERT_TRUE(read_report(ReportKind::kObserve, deep, {}));
  const std::string body = updated(ReportKind::kObserve, deep, R"({"feedback":"x"})");
  EXPECT_TRUE(body.starts_with(deep.substr(0, deep.size() - 1))) << body;
  EXPECT_EQ(updated(ReportKind::kObserve, R"({"call_id":"a","metadata":{"x":NaN}})",
                    R"({"feedback":"x"})"),
            R"({"call_id":"a","metadata":{"x":null},"feedback":"x"})");
}

TEST(UpdateBody, RetellsEventsComeInAnyOrder) {
  std::array<std::string_view, 3> events = {
      R"({"event":"call_started","call":{"call_id":"a","agent_id":"g","call_status":"ongoing","start_timestamp":1767323045000}})",
      R"({"event":"call_ended","call":{"call_id":"a","agent_id":"g","call_status":"ended","start_timestamp":1767323045000,"end_timestamp":1767323105000,"disconnection_reason":"user_hangup","transcript":"Agent: Hi\nUser: Hello"}})",
      R"({"event":"call_analyzed","call":{"call_id":"a","agent_id":"g","call_status":"ended","start_timestamp":1767323045000,"end_timestamp":1767323105000,"disconnection_reason":"user_hangup","call_analysis":{"call_summary":"x"}}})"};
  std::sort(events.begin(), events.end());
  do {
    std::string body(events[0]);
    for (const std::string_view each : {events[1], events[2], events[0]})
      body = updated(ReportKind::kRetell, body, each);
    const auto report = read_report(ReportKind::kRetell, body, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->end_reason, "user_hangup");
    EXPECT_TRUE(report->ended.is_set());
    EXPECT_EQ(report->transcript.size(), 2u);
    EXPECT_NE(body.find("call_analyzed"), std::string::npos);
    EXPECT_NE(body.find("call_summary"), std::string::npos);
  } while (std::next_permutation(events.begin(), events.end()));
}

TEST(ElevenLabsAudio, IsOfItsOwnWebhook) {
  const auto audio = [](std::string_view data) {
    return elevenlabs_audio(R"({"type":"post_call_audio","data":)" + std::string(data) + "}", {});
  };
  EXPECT_EQ(*audio(R"({"conversation_id":"c","full_audio":")" + to_base64("ID3\x04") + "\"}"),
            "ID3\x04");
  EXPECT_EQ(audio(R"({"conversation_id":"c"})").error().field, "data.full_audio");
  EXPECT_EQ(audio(R"({"conversation_id":"c","full_audio":"*"})").error().message,
            "Expected the recording in base64.");
  EXPECT_EQ(*elevenlabs_audio(R"({"type":"post_call_transcription","data":{}})", {}), "");
  EXPECT_FALSE(elevenlabs_audio("[]", {}));
}

}  // namespace
}  // namespace callscope::normalise
