#include "calls/call_edits.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace callscope::calls {
namespace {

namespace json = boost::json;

// The body of an edit: "attach" are the parts it is about, "calls" the ids of the calls as they
// were before, "parts" what these were made of.
struct Edit {
  std::vector<TraceId> attach;
  std::vector<CallId> calls;
  std::vector<std::vector<TraceId>> parts;
};

json::array hex_of(std::span<const TraceId> ids) {
  json::array list;
  for (const TraceId& id : ids) list.emplace_back(id.hex());
  return list;
}

std::vector<TraceId> ids_of(const json::value& list) {
  std::vector<TraceId> ids;
  if (!list.is_array()) return ids;
  for (const json::value& each : list.get_array()) {
    if (!each.is_string()) continue;
    if (const auto id = TraceId::from_hex(each.get_string())) ids.push_back(*id);
  }
  return ids;
}

std::string write_edit(const Edit& edit) {
  json::object body;
  body["attach"] = hex_of(edit.attach);
  json::array calls, parts;
  for (const CallId id : edit.calls) calls.emplace_back(id);
  for (const auto& each : edit.parts) parts.emplace_back(hex_of(each));
  body["calls"] = std::move(calls);
  body["parts"] = std::move(parts);
  return json::serialize(body);
}

Edit parse_edit(std::string_view text) {
  Edit edit;
  boost::system::error_code error;
  const json::value body = json::parse(text, error);
  if (error || !body.is_object()) return edit;
  const auto member = [&](std::string_view name) -> const json::value& {
    static const json::value kNone;
    const json::value* found = body.get_object().if_contains(name);
    return found ? *found : kNone;
  };
  edit.attach = ids_of(member("attach"));
  if (member("calls").is_array()) {
    for (const json::value& id : member("calls").get_array())
      if (id.is_int64()) edit.calls.push_back(id.get_int64());
  }
  if (member("parts").is_array()) {
    for (const json::value& each : member("parts").get_array()) edit.parts.push_back(ids_of(each));
  }
  return edit;
}

Error shares_trace(CallId call) {
  return {ErrorCode::kConflict,
          fmt::format("call {} shares a trace with other calls, so it can be neither merged nor "
                      "split",
                      call),
          "id"};
}

void revisit(CallBook& book, ProjectId project, std::span<const TraceId> traces) {
  for (const TraceId& trace : traces) book.revisit(project, trace);
}

Result<void> save_edit(store::Catalog& catalog, CallBook& book, const Clock& clock,
                       ProjectId project, std::string_view keys, CallId call, const Edit& edit) {
  store::SavedReport row;
  const auto write = [&](store::Transaction& transaction) -> Result<void> {
    row.id = TRY(transaction.new_report_id());
    row.project = project;
    row.kind = model::ReportKind::kApi;
    // In the order in which they were made.
    row.key = fmt::format("{}{:012}", keys, row.id);
    row.call = call;
    row.created = row.received = clock.now();
    row.revision = 1;
    row.body = write_edit(edit);
    return transaction.put_report(row);
  };
  TRY(catalog.write(write, store::Durability::kPower));
  for (const auto& parts : edit.parts) revisit(book, project, parts);
  book.on_report(project, summarise(row, read_edit(row.body)));
  return {};
}

}  // namespace

bool is_edit_key(std::string_view key) {
  return key.starts_with(kMergeKeys) || key.starts_with(kSplitKeys);
}

model::Report read_edit(std::string_view body) {
  model::Report report;
  report.trace_ids = parse_edit(body).attach;
  return report;
}

std::vector<TraceId> parts_of(const model::CallSummary& call) { return links_of(call); }

Result<void> merge_calls(store::Catalog& catalog, CallBook& book, const Clock& clock,
                         std::span<const model::CallSummary> calls) {
  Edit edit;
  CallId oldest = calls.front().id;
  for (const model::CallSummary& call : calls) {
    if (!call.anchor.is_zero()) return shares_trace(call.id);
    edit.parts.push_back(links_of(call));
    edit.attach.push_back(edit.parts.back().front());
    edit.calls.push_back(call.id);
    oldest = std::min(oldest, call.id);
  }
  return save_edit(catalog, book, clock, calls.front().project, kMergeKeys, oldest, edit);
}

Result<void> split_call(store::Catalog& catalog, CallBook& book, const Clock& clock,
                        const model::CallSummary& call, std::span<const TraceId> parts) {
  if (!call.anchor.is_zero()) return shares_trace(call.id);
  const std::vector<TraceId> all = links_of(call);
  for (const TraceId& part : parts) {
    if (std::find(all.begin(), all.end(), part) == all.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is no part of the call", part.hex()), "parts"};
    }
  }
  if (parts.empty() || parts.size() >= all.size()) {
    return Error{ErrorCode::kInvalidArgument, "name some of the call's parts, and not all of them",
                 "parts"};
  }
  Edit edit;
  edit.attach.assign(parts.begin(), parts.end());
  edit.calls = {call.id};
  edit.parts = {all};
  return save_edit(catalog, book, clock, call.project, kSplitKeys, call.id, edit);
}

Result<void> undo_edit(store::Catalog& catalog, CallBook& book, const model::CallSummary& call) {
  std::optional<store::SavedReport> last;
  for (const model::ReportRef& ref : call.reports) {
    auto report = TRY(catalog.report(call.project, ref.id));
    if (report && is_edit_key(report->key)) last = std::move(report);
  }
  if (!last) return Error{ErrorCode::kNotFound, "the call was neither merged nor split", ""};
  const Edit edit = parse_edit(last->body);
  const auto write = [&](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.delete_report(call.project, last->id));
    // The calls that were merged get their ids back.
    for (size_t i = 0; i < edit.calls.size() && last->key.starts_with(kMergeKeys); ++i) {
      if (edit.calls[i] != call.id)
        TRY(transaction.restore_merged_call(call.project, edit.calls[i], edit.parts[i]));
    }
    return {};
  };
  TRY(catalog.write(write, store::Durability::kPower));
  book.forget(call.project, store::trace_of_report(last->id));
  for (const auto& parts : edit.parts) revisit(book, call.project, parts);
  revisit(book, call.project, edit.attach);
  return {};
}

}  // namespace callscope::calls
