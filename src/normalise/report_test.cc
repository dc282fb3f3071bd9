// What senders report, case by case: test/cases/reports/*.json hold bodies and everything that is
// understood of them. CALLSCOPE_UPDATE_CASES=1 writes down what is understood now; read the diff.
#include "normalise/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/wire.h"
#include "normalise/testing/printed_report.h"

namespace callscope::normalise {
namespace {

namespace json = boost::json;
using model::ReportKind;

const std::filesystem::path kCases =
    std::filesystem::path(CALLSCOPE_SOURCE_DIR) / "test/cases/reports";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

ReportKind kind_named(std::string_view name) {
  for (int i = 0; i < model::kReportKindCount; ++i) {
    if (to_string(static_cast<ReportKind>(i)) == name) return static_cast<ReportKind>(i);
  }
  ADD_FAILURE() << "no such kind: " << name;
  return ReportKind::kApi;
}

// A case file in the form in which it is kept: a line for each member, entry and note.
std::string formatted(const json::object& root) {
  std::string out = "{\n  \"about\": " + json::serialize(root.at("about")) + ",\n  \"cases\": [";
  const char* comma = "\n";
  for (const json::value& item : root.at("cases").as_array()) {
    out += comma;
    comma = ",\n\n";
    const char* inner = "    {";
    for (const auto& [key, value] : item.as_object()) {
      out += inner + json::serialize(json::string(key)) + ": ";
      inner = ",\n     ";
      if (!value.is_object() || value.get_object().empty()) {
        out += json::serialize(value);
        continue;
      }
      const char* deeper = "{\n       ";
      for (const auto& [name, each] : value.get_object()) {
        out += deeper + json::serialize(json::string(name)) + ": ";
        deeper = ",\n       ";
        if (!each.is_array() || each.get_array().size() < 2) {
          out += json::serialize(each);
          continue;
        }
        const char* between = "[\n         ";
        for (const json::value& entry : each.get_array()) {
          out += between + json::serialize(entry);
          between = ",\n         ";
        }
        out += "]";
      }
      out += "}";
    }
    out += "}";
  }
  return out + "\n  ]\n}\n";
}

TEST(Report, Cases) {
  const bool update = std::getenv("CALLSCOPE_UPDATE_CASES") != nullptr;
  size_t cases = 0;
  for (const auto& file : std::filesystem::directory_iterator(kCases)) {
    json::value root = json::parse(read_file(file.path()));
    for (json::value& item : root.as_object().at("cases").as_array()) {
      json::object& one = item.as_object();
      const std::string kind(one.at("kind").as_string());
      SCOPED_TRACE(file.path().filename().string() + ": " +
                   std::string(one.at("case").as_string()));
      const auto report = read_report(kind_named(kind), json::serialize(one.at("body")), {});
      json::value seen;
      if (report) {
        seen = testing::printed(*report);
      } else {
        seen = json::string(report.error().field + ": " + report.error().message);
      }
      const char* expected = report ? "report" : "error";
      if (update) {
        one.erase("report");
        one.erase("error");
        one[expected] = seen;
      } else {
        ASSERT_TRUE(one.contains(expected)) << json::serialize(seen);
        EXPECT_EQ(json::serialize(seen), json::serialize(one.at(expected)));
      }
      ++cases;
    }
    if (update) std::ofstream(file.path(), std::ios::binary) << formatted(root.as_object());
  }
  EXPECT_GT(cases, 60u);
}

std::string error_of(std::string_view body, ReportKind kind = ReportKind::kObserve,
                     const ReportLimits& limits = {}) {
  const auto report = read_report(kind, body, limits);
  if (report) return "read";
  return report.error().field + ": " + report.error().message;
}

TEST(Report, BodyThatIsNoJson) {
  EXPECT_EQ(error_of("").substr(0, 20), ": JSON parse error -");
  EXPECT_EQ(error_of("{\"call_id\":\"a\"} x").substr(0, 20), ": JSON parse error -");
  EXPECT_EQ(error_of("{\"call_id\":\"a\"").substr(0, 20), ": JSON parse error -");
  EXPECT_EQ(error_of("[]"), ": Invalid data. Expected a dictionary, but got list.");
  for (int kind = 0; kind < model::kReportKindCount; ++kind) {
    EXPECT_NE(error_of("{}", static_cast<ReportKind>(kind)), "read");
    EXPECT_NE(error_of("null", static_cast<ReportKind>(kind)), "read");
  }
}

TEST(Report, WhatPythonWritesIsMended) {
  const auto report = read_report(
      ReportKind::kObserve,
      R"({"call_id":"a\ud83d","metadata":{"x":NaN,"y":[-Infinity,Infinity],"z":"NaN \" \ud83d\ude00 \ude00"}})",
      {});
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->call_id, "a\xEF\xBF\xBD");
  EXPECT_EQ(report->metadata,
            "{\"x\":null,\"y\":[null,null],\"z\":\"NaN \\\" \xF0\x9F\x98\x80 \xEF\xBF\xBD\"}");
}

TEST(Report, DeepNestingNamesTheField) {
  const auto nested = [](size_t levels) {
    return R"({"call_id":"a\"b{","metadata":{"a":)" + std::string(levels, '[') +
           std::string(levels, ']') + R"(},"feedback":"x"})";
  };
  EXPECT_EQ(error_of(nested(98)), "read");
  EXPECT_EQ(error_of(nested(99)),
            "metadata: Ensure this field is nested no more than 100 levels deep.");
  EXPECT_EQ(error_of(nested(100'000)),
            "metadata: Ensure this field is nested no more than 100 levels deep.");
}

TEST(Report, LongTranscriptsAreRefused) {
  const auto body = [](size_t entries) {
    std::string out = R"({"call_id":"a","transcript_json":[)";
    for (size_t i = 0; i < entries; ++i) {
      if (i > 0) out += ',';
      out += R"({"role":"user","content":"x"})";
    }
    return out + "]}";
  };
  EXPECT_EQ(error_of(body(20'000)), "read");
  EXPECT_EQ(error_of(body(20'001)),
            "transcript_json: Ensure this field has no more than 20000 entries; it has 20001.");
  EXPECT_EQ(error_of(body(4), ReportKind::kObserve, {.entries_max = 3}),
            "transcript_json: Ensure this field has no more than 3 entries; it has 4.");
}

TEST(Report, NotesAndLogsAreBounded) {
  std::string body = R"({"call_id":"a","transcript_json":[)";
  for (int i = 0; i < 500; ++i) body += "{},";
  body += "{}]}";
  const auto report = read_report(ReportKind::kObserve, body, {});
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->notes.size(), 51u);
  EXPECT_EQ(report->notes.back().message, "451 more could not be read as they came.");

  const auto session = read_report(
      ReportKind::kPipecatSession,
      R"({"session_id":"s","logs":[{"timestamp":1767323045.5,"message":"a"},{"message":"b"},{}]})",
      {.logs_max = 2});
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->logs.size(), 2u);
  EXPECT_EQ(session->notes.back().message, "3 lines came, of which the first 2 are kept.");
}

// Tools that wait for results that never come, in a list that makes a square of a careless search.
TEST(Report, ManyToolsWithoutIds) {
  std::string body = R"({"call_id":"a","transcript_json":[)";
  for (int i = 0; i < 9'000; ++i) {
    body += R"({"role":"Function Call","data":{"name":"a"}},)";
    body += R"({"role":"Function Call Result","data":{"name":"b","result":"1"}},)";
  }
  body.back() = ']';
  const auto report = read_report(ReportKind::kObserve, body + "}", {});
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->transcript.size(), 18'000u);
}

TEST(Report, LivekitHeader) {
  std::string header;
  wire::Writer out(header);
  out.field_bytes(1, "RM_abc");
  out.field_varint(3, 61'250);
  out.field_message(4, [](wire::Writer& time) {
    time.field_varint(1, 1'767'323'045);
    time.field_varint(2, 120'000'000);
  });
  out.field_message(5, [](wire::Writer& tag) {
    tag.field_bytes(1, "plan");
    tag.field_bytes(2, "pro");
  });
  out.field_bytes(6, "lobby");
  out.field_bytes(8, "AJ_1");
  out.field_varint(10, 1);
  out.field_bytes(11, R"({"close_reason":"participant_disconnected"})");
  out.field_bytes(200, "of a later version");
  const auto json_text = livekit_header_to_json(header);
  ASSERT_TRUE(json_text.has_value());
  EXPECT_EQ(
      *json_text,
      R"({"room_id":"RM_abc","duration":61250,"start_time":"2026-01-02T03:04:05.120000Z",)"
      R"("room_name":"lobby","job_id":"AJ_1","redaction_enabled":true,)"
      R"("session_summary":{"close_reason":"participant_disconnected"},"room_tags":{"plan":"pro"}})");
  EXPECT_EQ(*livekit_header_to_json(""), "{}");
  EXPECT_FALSE(livekit_header_to_json("\xFF\xFF").has_value());
}

}  // namespace
}  // namespace callscope::normalise
