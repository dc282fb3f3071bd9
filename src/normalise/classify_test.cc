// The mapping table, case by case: test/cases/normalise/*.json hold spans and everything that is
// understood of them. CALLSCOPE_UPDATE_CASES=1 writes down what is understood now; read the diff.
#include "normalise/classify.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "normalise/mapping/rules.h"
#include "normalise/testing/printed.h"
#include "normalise/value_json.h"

namespace callscope::normalise {
namespace {

namespace json = boost::json;
using model::Span;
using model::SpanFacts;
using testing::printed;

const std::filesystem::path kCases =
    std::filesystem::path(CALLSCOPE_SOURCE_DIR) / "test/cases/normalise";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A span of a case file with all that it borrows.
class CaseSpan {
 public:
  explicit CaseSpan(const json::object& from) {
    scope_.name = text(from, "scope");
    scope_.version = text(from, "scope_version");
    read_attributes(from, "resource", resource_.attributes);
    span_.resource = &resource_;
    span_.scope = &scope_;
    span_.name = text(from, "name");
    if (!from.contains("root")) span_.parent_span_id.bytes[0] = 1;
    span_.start = {1'700'000'000'000'000'000};
    const json::value* length_ms = from.if_contains("length_ms");
    span_.end =
        span_.start +
        DurationNs{length_ms ? std::llround(length_ms->to_number<double>() * 1e6) : 1'000'000'000};
    if (from.contains("unended")) span_.end = {};
    const std::string_view status = text(from, "status");
    span_.status = status == "error" ? model::StatusCode::kError
                   : status == "ok"  ? model::StatusCode::kOk
                                     : model::StatusCode::kUnset;
    span_.status_message = text(from, "status_message");
    read_attributes(from, "attributes", span_.attributes);
    if (const json::value* events = from.if_contains("events")) {
      for (const json::value& event : events->as_array()) {
        model::Event& out = span_.events.emplace_back();
        out.name = text(event.as_object(), "name");
        read_attributes(event.as_object(), "attributes", out.attributes);
      }
    }
  }
  CaseSpan(const CaseSpan&) = delete;
  const Span& span() const { return span_; }

 private:
  std::string_view text(const json::object& from, std::string_view member) {
    const json::value* value = from.if_contains(member);
    if (value == nullptr) return {};
    return {value->as_string().data(), value->as_string().size()};
  }
  void read_attributes(const json::object& from, std::string_view member, model::Attributes& out) {
    const json::value* value = from.if_contains(member);
    if (value == nullptr) return;
    texts_.push_back(json::serialize(*value));
    ASSERT_TRUE(parse_attributes_json(texts_.back(), arena_, out)) << texts_.back();
  }

  Arena arena_;
  std::deque<std::string> texts_;
  model::Resource resource_;
  model::Scope scope_;
  Span span_;
};

// A case file in the form in which it is kept: a line for each span, its facts and its texts.
std::string formatted(const json::object& root) {
  std::string out = "{\n  \"about\": " + json::serialize(root.at("about")) + ",\n  \"cases\": [";
  const char* comma = "\n";
  for (const json::value& item : root.at("cases").as_array()) {
    out += comma;
    comma = ",\n\n";
    const char* inner = "    {";
    for (const auto& [key, value] : item.as_object()) {
      out += inner + json::serialize(json::string(key)) + ": " + json::serialize(value);
      inner = ",\n     ";
    }
    out += "}";
  }
  return out + "\n  ]\n}\n";
}

TEST(Classify, Cases) {
  const Classifier classifier;
  const bool update = std::getenv("CALLSCOPE_UPDATE_CASES") != nullptr;
  size_t cases = 0;
  for (const auto& file : std::filesystem::directory_iterator(kCases)) {
    json::value root = json::parse(read_file(file.path()));
    for (json::value& item : root.as_object().at("cases").as_array()) {
      json::object& one = item.as_object();
      SCOPED_TRACE(file.path().filename().string() + ": " +
                   std::string(one.at("case").as_string()));
      const CaseSpan span(one.at("span").as_object());
      SpanFacts facts;
      classifier.classify(span.span(), facts);
      const json::object seen = printed(facts);
      const json::object texts = printed(classifier.texts(span.span(), facts));
      if (update) {
        one["facts"] = seen;
        one["texts"] = texts;
        if (texts.empty()) one.erase("texts");
      } else {
        EXPECT_EQ(json::serialize(seen), json::serialize(one.at("facts")));
        const json::value* expected = one.if_contains("texts");
        EXPECT_EQ(json::serialize(texts), expected ? json::serialize(*expected) : "{}");
      }
      ++cases;
    }
    if (update) std::ofstream(file.path(), std::ios::binary) << formatted(root.as_object());
  }
  EXPECT_GT(cases, 100u);
}

// Each rule of the table is the answer of at least one case.
TEST(Classify, EveryRuleHasACase) {
  std::string all;
  for (const auto& file : std::filesystem::directory_iterator(kCases))
    all += read_file(file.path());
  for (const mapping::Framework& framework : mapping::embedded().frameworks) {
    for (const auto& rule : framework.rules) {
      EXPECT_NE(all.find("\"rule\":\"" + rule->id + "\""), std::string::npos) << rule->id;
    }
  }
}

class Spans {
 public:
  Span& add(std::string_view scope, std::string_view name) {
    Span& span = spans_.emplace_back();
    scopes_.emplace_back().name = scope;
    span.scope = &scopes_.back();
    span.resource = &resource_;
    span.name = name;
    span.start = {1'000'000'000};
    span.end = {2'000'000'000};
    return span;
  }

 private:
  model::Resource resource_;
  std::deque<model::Scope> scopes_;
  std::deque<Span> spans_;
};

TEST(Classify, UnmappedKeysAreCountedForTheirFramework) {
  const Classifier classifier;
  Spans spans;
  Span& renamed = spans.add("pipecat", "llm");
  renamed.attributes = {{"metrics.ttfb", model::Value::of_double(0.1)},
                        {"metrics.time_to_first_token", model::Value::of_double(0.1)},
                        {"settings.voice", model::Value::of("x")}};
  Span& other = spans.add("", "GET /");
  other.attributes = {{"http.new", model::Value::of("x")}};
  Span& call = spans.add("pipecat.turn", "conversation");
  call.attributes = {{"customer.tier", model::Value::of("gold")}};
  SpanFacts facts;
  for (int i = 0; i < 3; ++i) classifier.classify(renamed, facts);
  classifier.classify(other, facts);
  classifier.classify(call, facts);
  const std::vector<UnmappedKey> unmapped = classifier.unmapped();
  ASSERT_EQ(unmapped.size(), 1u);
  EXPECT_EQ(unmapped[0].framework, "pipecat");
  EXPECT_EQ(unmapped[0].key, "metrics.time_to_first_token");
  EXPECT_EQ(unmapped[0].count, 3u);
}

TEST(Classify, HostileNamesAndKeysStayBounded) {
  const Classifier classifier;
  Spans spans;
  SpanFacts facts;
  std::deque<std::string> texts;
  for (int i = 0; i < 5'000; ++i) {
    Span& span = spans.add(texts.emplace_back("scope" + std::to_string(i)), "llm");
    span.attributes = {{texts.emplace_back("key" + std::to_string(i)), model::Value::of_int(i)}};
    classifier.classify(span, facts);
    EXPECT_EQ(facts.rule, "ck.llm");
  }
  EXPECT_EQ(classifier.unmapped().size(), Classifier::kUnmappedKeysMax);
  for (int i = 0; i < 5'000; ++i) {
    Span& span = spans.add("pipecat", texts.emplace_back("GET /users/" + std::to_string(i)));
    classifier.classify(span, facts);
    EXPECT_EQ(facts.kind, model::OpKind::kOther);
    EXPECT_EQ(facts.framework, "pipecat");
    Span& tool = spans.add("x", texts.emplace_back("pipecat.tool.t" + std::to_string(i)));
    classifier.classify(tool, facts);
    EXPECT_EQ(facts.kind, model::OpKind::kOther);
    Span& known = spans.add(texts.emplace_back("langfuse-sdk" + std::to_string(i)), "stt");
    classifier.classify(known, facts);
    EXPECT_EQ(facts.rule, "lf.stt");
  }
  Span& huge = spans.add(texts.emplace_back(100'000, 's'), texts.emplace_back(1'000'000, '*'));
  classifier.classify(huge, facts);
  EXPECT_EQ(facts.kind, model::OpKind::kOther);
}

TEST(Classify, IsTheSameFromManyThreads) {
  const Classifier classifier;
  Spans spans;
  std::deque<std::string> names;
  std::vector<const Span*> all;
  for (int i = 0; i < 300; ++i) {
    Span& span = spans.add(
        "pipecat",
        i % 3 == 0 ? "llm" : std::string_view(names.emplace_back("x" + std::to_string(i))));
    span.attributes = {{names.emplace_back("k" + std::to_string(i % 50)), model::Value::of_int(1)}};
    all.push_back(&span);
  }
  std::vector<std::thread> threads;
  std::atomic<int> llms = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      SpanFacts facts;
      for (const Span* span : all) {
        classifier.classify(*span, facts);
        if (facts.kind == model::OpKind::kLlm) ++llms;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(llms, 400);
  EXPECT_EQ(classifier.unmapped().size(), 50u);
}

}  // namespace
}  // namespace callscope::normalise
