// Spans and log lines as the API writes them.
#pragma once

#include <string>
#include <string_view>

#include "calls/prices.h"
#include "model/span.h"
#include "normalise/classify.h"

namespace callscope::serve {

// kLight leaves out attributes, resource, events and links: what a timeline does not draw.
enum class SpanForm { kFull, kLight };

// Writes the spans of one answer. Reads each span's meaning anew, so that a better mapping or price
// table speaks for old spans too. Not thread-safe; make one for each answer.
class SpanJson {
 public:
  SpanJson(const normalise::Classifier& classifier, const calls::Prices& prices)
      : classifier_(classifier), prices_(prices) {}

  // Appends one JSON object. About 3 us for a span of 15 attributes.
  void append(std::string& out, const model::Span& span, SpanForm form);

  void append_log(std::string& out, const model::LogLine& line);

 private:
  // A trace has few resources and scopes and repeats them in each span: they are rendered once.
  struct Rendered {
    const void* of = nullptr;
    std::string json;
  };
  void append_resource(std::string& out, const model::Resource* resource);
  void append_scope(std::string& out, const model::Scope* scope);

  const normalise::Classifier& classifier_;
  calls::PriceCache prices_;
  Rendered resource_;
  Rendered scope_;
};

// "INTERNAL", "UNSET" and the like: OpenTelemetry's names without their prefix.
std::string_view to_string(model::OtelKind kind);
std::string_view to_string(model::StatusCode code);

// "none", "reported" or "computed".
std::string_view to_string(model::CostSource source);

// The number of a log severity by name: "INFO", "WARN2".
std::string severity_name(int32_t number);

}  // namespace callscope::serve
