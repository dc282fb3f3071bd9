// Which column of its table holds which member of a row. Each `columns` names them in order and
// says where their values live; statements are made from it (session.h). A row that is written may
// be const, one that is read is not.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>

#include "store/catalog/rows.h"

namespace callscope::store {

template <typename T, typename... Rows>
concept AnyOf = (std::same_as<std::remove_cv_t<T>, Rows> || ...);

void columns(auto&& visit, AnyOf<Project> auto& row) {
  visit("id", row.id);
  visit("name", row.name);
  visit("created_ns", row.created);
}

void columns(auto&& visit, AnyOf<Agent> auto& row) {
  visit("id", row.id);
  visit("project_id", row.project);
  visit("name", row.name);
  visit("service_name", row.service_name);
  visit("provider", row.provider);
  visit("created_ns", row.created);
}

struct CounterRow {
  std::string name;
  int64_t value = 0;
};

void columns(auto&& visit, AnyOf<CounterRow> auto& row) {
  visit("name", row.name);
  visit("value", row.value);
}

struct KeyRow {
  Key key;
  std::string hash_hex;
};

void columns(auto&& visit, AnyOf<KeyRow> auto& row) {
  visit("id", row.key.id);
  visit("project_id", row.key.project);
  visit("name", row.key.name);
  visit("hash_hex", row.hash_hex);
  visit("access_level", row.key.access);
  visit("is_admin", row.key.admin);
  visit("created_ns", row.key.created);
  visit("last_used_ns", row.key.last_used);
  visit("revoked_ns", row.key.revoked);
}

void columns(auto&& visit, AnyOf<Segment> auto& row) {
  visit("id", row.id);
  visit("dataset", row.dataset);
  visit("path", row.path);
  visit("row_count", row.rows);
  visit("byte_count", row.bytes);
  visit("start_min_ns", row.start_min);
  visit("start_max_ns", row.start_max);
  visit("received_max_ns", row.received_max);
  visit("generation", row.generation);
  visit("created_ns", row.created);
  visit("superseded_ns", row.superseded);
  visit("needs_rewrite", row.needs_rewrite);
  visit("quarantined", row.quarantined);
}

void columns(auto&& visit, AnyOf<Recording> auto& row) {
  visit("id", row.id);
  visit("project_id", row.project);
  visit("agent_id", row.agent);
  visit("call_id", row.call);
  visit("object_key", row.key);
  visit("source", row.source);
  visit("state", row.state);
  visit("content_type", row.content_type);
  visit("format", row.format);
  visit("encoding", row.encoding);
  visit("channels", row.channels);
  visit("sample_rate_hz", row.sample_rate_hz);
  visit("duration_ms", row.duration_ms);
  visit("byte_count", row.bytes);
  visit("started_ns", row.started);
  visit("agent_channel", row.agent_channel);
  visit("error", row.error);
  visit("created_ns", row.created);
  visit("url", row.url);
  visit("attempts", row.attempts);
  visit("next_attempt_ns", row.next_attempt);
}

void columns(auto&& visit, AnyOf<LooseObject> auto& row) {
  visit("object_key", row.key);
  visit("since_ns", row.since);
}

void columns(auto&& visit, AnyOf<SavedReport> auto& row) {
  visit("id", row.id);
  visit("project_id", row.project);
  visit("agent_id", row.agent);
  visit("kind", row.kind);
  visit("key", row.key);
  visit("call_id", row.call);
  visit("created_ns", row.created);
  visit("received_ns", row.received);
  visit("revision", row.revision);
  visit("is_joined", row.is_joined);
  visit("body", row.body);
}

void columns(auto&& visit, AnyOf<SavedAnalysis> auto& row) {
  visit("recording_id", row.recording);
  visit("project_id", row.project);
  visit("call_id", row.call);
  visit("agent_id", row.agent);
  visit("state", row.state);
  visit("attempts", row.attempts);
  visit("error", row.error);
  visit("started_ns", row.started);
  visit("heard_ms", row.heard_ms);
  visit("facts", row.facts);
  visit("nudge_ms", row.nudge_ms);
  visit("is_nudged", row.is_nudged);
}

void columns(auto&& visit, AnyOf<LivekitKey> auto& row) {
  visit("api_key", row.api_key);
  visit("project_id", row.project);
  visit("api_secret", row.api_secret);
}

// A trace id as two whole numbers, the first eight bytes and the last, big-endian: sixteen bytes
// in every database, and printed as hex they read as the id.
struct TraceColumns {
  int64_t high = 0;
  int64_t low = 0;
};
TraceColumns to_columns(TraceId id);
TraceId to_trace_id(TraceColumns trace);
// The same for a span id, which is one number.
int64_t to_column(SpanId id);
SpanId to_span_id(int64_t column);

struct TombstoneRow {
  ProjectId project = 0;
  TraceColumns trace;
  TimeNs deleted;
};

void columns(auto&& visit, AnyOf<TombstoneRow> auto& row) {
  visit("project_id", row.project);
  visit("trace_high", row.trace.high);
  visit("trace_low", row.trace.low);
  visit("deleted_ns", row.deleted);
}

// What a list of calls is sorted by has a column, as has what a call is told apart by; `rest` has
// the remainder (model::pack_rest).
struct CallExtras {
  model::Measure tokens;  // input and output
  std::optional<int64_t> anchor;
  std::string trace_ids;  // in hex, one behind the other
  std::string call_id;    // empty where it is the first trace id
  std::string rest;
};

inline const model::CallSummary kNoCall;

// For writing: borrows the call.
struct CallToSave {
  const model::CallSummary* call = &kNoCall;
  CallExtras extras;

  const model::CallSummary& summary() const { return *call; }
};

// For reading.
struct CallRow {
  model::CallSummary call;
  CallExtras extras;

  model::CallSummary& summary() { return call; }
  const model::CallSummary& summary() const { return call; }
};

// The columns that indexes are made of change rarely and cost most to change.
void indexed_columns(auto&& visit, AnyOf<CallToSave, CallRow> auto& row) {
  auto& call = row.summary();
  visit("project_id", call.project);
  visit("agent_id", call.agent);
  visit("started_ns", call.started);
}

void other_columns(auto&& visit, AnyOf<CallToSave, CallRow> auto& row) {
  auto& call = row.summary();
  visit("ended_ns", call.ended);
  visit("last_activity_ns", call.last_activity);
  visit("root_ended", call.root_ended);
  visit("sources", call.sources);
  visit("flags", call.flags);
  visit("span_count", call.span_count);
  visit("turn_count", call.turn_count);
  visit("tool_count", call.tool_count);
  visit("tool_error_count", call.tool_error_count);
  visit("error_count", call.error_count);
  visit("interruption_count", call.interruption_count);
  visit("tokens", row.extras.tokens);
  visit("cost_nano_usd", call.totals.cost_nano_usd);
  visit("slowest_turn", call.slowest_turn);
  visit("slowest_ms", call.slowest_ms);
  visit("anchor", row.extras.anchor);
  visit("trace_ids", row.extras.trace_ids);
  visit("call_id", row.extras.call_id);
  visit("rest", row.extras.rest);
}

void columns(auto&& visit, AnyOf<CallToSave, CallRow> auto& row) {
  indexed_columns(visit, row);
  other_columns(visit, row);
  visit("id", row.summary().id);
}

// For saving a call again of which only numbers changed.
struct CallUpdate {
  CallToSave to_save;
};

void columns(auto&& visit, AnyOf<CallUpdate> auto& row) {
  other_columns(visit, row.to_save);
  visit("id", row.to_save.summary().id);
}

}  // namespace callscope::store
