// Spans that real frameworks sent, captured from small calls without a network: *.otlp.json in
// test/cases/captured, and beside each in *.expected a line for each span with all that is
// understood of it. CALLSCOPE_UPDATE_CASES=1 writes the lines down anew; read the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "normalise/classify.h"
#include "normalise/otlp_decode.h"
#include "normalise/otlp_json.h"
#include "normalise/testing/printed.h"

namespace callscope::normalise {
namespace {

const std::filesystem::path kCaptured =
    std::filesystem::path(CALLSCOPE_SOURCE_DIR) / "test/cases/captured";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string understood(const Classifier& classifier, std::string_view otlp) {
  std::string out;
  const auto bytes = traces_json_to_protobuf(otlp);
  if (!bytes) return bytes.error().message;
  for_each_item(*bytes, [&](const RequestItem& item) {
    Arena arena;
    model::Resource resource;
    model::Scope scope;
    model::Span span;
    decode_resource(item.resource, {}, arena, resource);
    decode_scope(item.scope, {}, arena, scope);
    if (!decode_span(item.item, {}, arena, span)) {
      out += "no span\n";
      return;
    }
    span.resource = &resource;
    span.scope = &scope;
    model::SpanFacts facts;
    classifier.classify(span, facts);
    out += std::string(span.name) + "\n  " + boost::json::serialize(testing::printed(facts)) + "\n";
    const boost::json::object texts = testing::printed(classifier.texts(span, facts));
    if (!texts.empty()) out += "  " + boost::json::serialize(texts) + "\n";
  });
  return out;
}

TEST(Captured, IsUnderstood) {
  const bool update = std::getenv("CALLSCOPE_UPDATE_CASES") != nullptr;
  const Classifier classifier;
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(kCaptured)) {
    if (file.path().extension() != ".json") continue;
    const std::filesystem::path expected = file.path().string() + ".expected";
    const std::string seen = understood(classifier, read_file(file.path()));
    if (update) {
      std::ofstream(expected, std::ios::binary) << seen;
    } else {
      EXPECT_EQ(seen, read_file(expected)) << file.path();
    }
    ++files;
  }
  EXPECT_GT(files, 0u);
  // Every key that these versions send is known, so the counter speaks up at the next one.
  for (const UnmappedKey& key : classifier.unmapped())
    ADD_FAILURE() << key.framework << ": " << key.key;
}

}  // namespace
}  // namespace callscope::normalise
