// A span from the outside, classified and read: the first line is its scope, the second its name,
// the rest its attributes as JSON. Whatever they hold, an answer comes and nothing breaks.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "normalise/classify.h"
#include "normalise/value_json.h"

using namespace callscope;
using namespace callscope::normalise;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Classifier classifier;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const size_t end = input.find('\n');
    const std::string_view out = input.substr(0, end);
    input = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
    return out;
  };
  Arena arena;
  model::Resource resource;
  model::Scope scope;
  scope.name = line();
  model::Span span;
  span.name = line();
  span.resource = &resource;
  span.scope = &scope;
  span.start = {1'700'000'000'000'000'000};
  span.end = {1'700'000'001'000'000'000};
  parse_attributes_json(input, arena, span.attributes);
  // The same attributes as those of events, which some conventions use for messages.
  for (const char* name : {"gen_ai.user.message", "gen_ai.choice", "exception"}) {
    span.events.push_back({.time = {}, .name = name, .attributes = span.attributes});
  }
  model::SpanFacts facts;
  classifier.classify(span, facts);
  const model::SpanTexts texts = classifier.texts(span, facts);
  if (facts.billable && facts.kind == model::OpKind::kOther) std::abort();
  for (const model::Message& message : texts.input) {
    if (message.role.empty() && message.content.empty()) std::abort();
  }
  return 0;
}
