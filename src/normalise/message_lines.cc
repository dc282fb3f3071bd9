#include "normalise/message_lines.h"

#include <unordered_map>

#include "normalise/value_json.h"

namespace callscope::normalise {
namespace {

// Older SDKs have no field for it.
std::string_view event_name(const model::LogLine& line) {
  if (!line.event_name.empty()) return line.event_name;
  const model::Value* name = model::find(line.attributes, "event.name");
  return name == nullptr ? std::string_view() : name->text;
}

bool is_same(const model::LogLine& a, const model::LogLine& b) {
  return a.time == b.time && a.span_id == b.span_id && event_name(a) == event_name(b) &&
         a.body.text == b.body.text;
}

// The members of the body stand beside the attributes.
model::Event to_event(const model::LogLine& line, Arena& arena) {
  model::Event event{.time = line.time, .name = event_name(line), .attributes = {}};
  if (line.body.type == model::ValueType::kMap)
    (void)parse_attributes_json(line.body.text, arena, event.attributes);
  event.attributes.insert(event.attributes.end(), line.attributes.begin(), line.attributes.end());
  return event;
}

}  // namespace

bool is_message_line(const model::LogLine& line) {
  return event_name(line).starts_with("gen_ai.") && !line.trace_id.is_zero() &&
         !line.span_id.is_zero();
}

void add_message_lines(model::SpanBatch& spans, std::unique_ptr<model::LogBatch> lines) {
  std::unordered_map<SpanId, model::Span*, SpanIdHash> by_id;
  const model::LogLine* before = nullptr;
  for (const model::LogLine& line : lines->lines) {
    if (!is_message_line(line) || (before != nullptr && is_same(line, *before))) continue;
    before = &line;
    if (by_id.empty()) {
      for (model::Span& span : spans.spans) by_id.emplace(span.span_id, &span);
    }
    const auto span = by_id.find(line.span_id);
    if (span != by_id.end()) span->second->events.push_back(to_event(line, lines->arena));
  }
  if (before != nullptr) spans.keep_alive.emplace_back(std::move(lines));
}

}  // namespace callscope::normalise
