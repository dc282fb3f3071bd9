#include "store/catalog/call_rows.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"

namespace callscope::store {
namespace {

// PostgreSQL refuses index entries of more than about 2,700 bytes.
constexpr size_t kIndexTextBytes = 400;

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool is_first_trace(const model::CallSummary& call) {
  return !call.trace_ids.empty() && call.call_id == call.trace_ids.front().hex();
}

}  // namespace

std::string_view index_text(std::string_view text) { return text.substr(0, kIndexTextBytes); }

std::string metadata_text(std::string_view key, std::string_view value) {
  return std::string(key).append("=").append(value);
}

std::vector<Label> labels_of(const model::CallSummary& call) {
  std::vector<Label> labels;
  const auto add = [&](LabelKind kind, std::string_view text) {
    if (!text.empty()) labels.push_back({kind, std::string(index_text(text))});
  };
  for (const model::ModelName& name : call.models) add(LabelKind::kModel, name.model);
  for (const std::string& name : call.tool_names) add(LabelKind::kTool, name);
  for (const auto& [key, value] : call.metadata)
    add(LabelKind::kMetadata, metadata_text(key, value));
  sort_unique(labels);
  return labels;
}

std::vector<std::string> names_of(const model::CallSummary& call) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (!name.empty()) names.emplace_back(index_text(name));
  };
  for (const std::string& key : call.session_keys) add(key);
  if (!is_first_trace(call)) add(call.call_id);
  sort_unique(names);
  return names;
}

std::vector<TraceId> links_of(const model::CallSummary& call) {
  std::vector<TraceId> links = call.trace_ids;
  for (const model::ReportRef& report : call.reports) links.push_back(trace_of_report(report.id));
  return links;
}

CallExtras extras_of(const model::CallSummary& call) {
  CallExtras extras;
  const model::Totals& totals = call.totals;
  if (totals.input_tokens || totals.output_tokens) {
    extras.tokens = totals.input_tokens.value_or(0) + totals.output_tokens.value_or(0);
  }
  if (!call.anchor.is_zero()) extras.anchor = to_column(call.anchor);
  for (const TraceId& id : links_of(call)) append_hex(extras.trace_ids, id.view());
  if (!is_first_trace(call)) extras.call_id = call.call_id;
  extras.rest = model::pack_rest(call);
  return extras;
}

std::string ids_condition(std::string_view column) {
  std::string sql = fmt::format("{} IN (", column);
  for (size_t i = 0; i < kIdsPerStatement; ++i) sql += fmt::format("{}:i{}", i == 0 ? "" : ", ", i);
  return sql += ')';
}

void append_ids(std::vector<Param>& params, std::span<const CallId> ids) {
  CHECK(!ids.empty() && ids.size() <= kIdsPerStatement, "as many ids as a statement takes");
  for (size_t i = 0; i < kIdsPerStatement; ++i)
    params.emplace_back(ids[std::min(i, ids.size() - 1)]);
}

Result<model::CallSummary> to_call(CallRow row) {
  model::CallSummary& call = row.call;
  TRY(model::unpack_rest(row.extras.rest, call));
  if (row.extras.anchor) call.anchor = to_span_id(*row.extras.anchor);
  constexpr size_t kHexSize = 2 * TraceId::kSize;
  const std::string_view traces = row.extras.trace_ids;
  for (size_t at = 0; at < traces.size(); at += kHexSize) {
    const auto id = TraceId::from_hex(traces.substr(at, kHexSize));
    if (!id)
      return Error{ErrorCode::kDataLoss, fmt::format("call {} has a damaged trace id", call.id)};
    if (const auto report = report_of_trace(*id)) {
      call.reports.push_back({.id = *report});
    } else {
      call.trace_ids.push_back(*id);
    }
  }
  call.call_id = std::move(row.extras.call_id);
  if (call.call_id.empty() && !call.trace_ids.empty()) call.call_id = call.trace_ids.front().hex();
  return std::move(row.call);
}

}  // namespace callscope::store
