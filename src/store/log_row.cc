#include "store/log_row.h"

#include <tuple>

#include "base/encoding.h"
#include "normalise/value_json.h"

namespace callscope::store {

LogRow encode_log(const model::LogLine& line, const ResourceText& resource, Arena& arena,
                  std::string& scratch) {
  const auto encode = [&](auto append) {
    scratch.clear();
    append(scratch);
    return arena.copy(scratch);
  };
  const auto valid = [&](std::string_view bytes) {
    return encode([&](std::string& out) { append_utf8(out, bytes); });
  };
  LogRow row;
  row.trace_id = line.trace_id;
  row.span_id = line.span_id;
  row.project = line.project;
  row.agent = line.agent;
  row.time = line.time;
  row.received = line.received;
  row.severity_number = line.severity_number;
  row.severity_text = valid(line.severity_text);
  row.event_name = valid(line.event_name);
  row.scope_name = valid(line.scope->name);
  row.service_name = resource.service_name;
  row.resource = resource.json;
  row.body = encode([&](std::string& out) { normalise::append_value_json(out, line.body); });
  row.attributes =
      encode([&](std::string& out) { normalise::append_attributes_json(out, line.attributes); });
  return row;
}

Result<void> decode_log(const LogRow& row, model::LogBatch& batch) {
  model::Resource& resource = batch.resources.emplace_back();
  model::Scope& scope = batch.scopes.emplace_back();
  scope.name = row.scope_name;
  model::LogLine& line = batch.lines.emplace_back();
  line.trace_id = row.trace_id;
  line.span_id = row.span_id;
  line.project = row.project;
  line.agent = row.agent;
  line.time = row.time;
  line.received = row.received;
  line.severity_number = row.severity_number;
  line.severity_text = row.severity_text;
  line.event_name = row.event_name;
  line.resource = &resource;
  line.scope = &scope;
  line.body = TRY(normalise::parse_value_json(row.body, batch.arena));
  if (!normalise::parse_attributes_json(row.resource, batch.arena, resource.attributes) ||
      !normalise::parse_attributes_json(row.attributes, batch.arena, line.attributes)) {
    return Error{ErrorCode::kDataLoss,
                 "a log line of trace " + row.trace_id.hex() + " can't be read"};
  }
  return {};
}

bool row_less(const LogRow& a, const LogRow& b) {
  return std::tie(a.trace_id, a.project, a.time, a.span_id) <
         std::tie(b.trace_id, b.project, b.time, b.span_id);
}

}  // namespace callscope::store
