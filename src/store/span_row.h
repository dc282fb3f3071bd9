// A span as it is kept: one row of the lake's spans table, attributes already JSON. Hot spans,
// segments and compaction all hold rows, so a span is encoded once on the way in and decoded only
// for a reader.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/facts.h"
#include "model/span.h"
#include "store/attribute_shapes.h"

namespace callscope::store {

// Views are borrowed from the arena of whoever holds the row.
struct SpanRow {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;
  ProjectId project = 0;
  AgentId agent = 0;
  TimeNs start;
  TimeNs end;
  TimeNs received;
  model::OtelKind otel_kind = model::OtelKind::kUnspecified;
  model::StatusCode status = model::StatusCode::kUnset;
  uint32_t flags = 0;  // of model::SpanFlag
  std::string_view name;
  std::string_view status_message;
  std::string_view service_name;
  std::string_view scope_name;
  std::string_view scope_version;
  std::string_view resource;  // JSON object of its attributes
  AttributeText attributes;
  std::string_view events;  // JSON array, empty for none
  std::string_view links;   // JSON array, empty for none
  std::string_view
      extra;  // JSON object of what is rarely set, empty for nothing; docs/formats/lake.md
  model::SpanFacts facts;  // but for its own texts, which are these:
  std::string_view provider;
  std::string_view model;
  std::string_view tool_name;
  std::string_view session_key;
};

// The parts of a row that all spans of one resource share.
struct ResourceText {
  std::string_view json;
  std::string_view service_name;
};
ResourceText encode_resource(const model::Resource& resource, Arena& arena);

struct ScopeText {
  std::string_view name;
  std::string_view version;
};
ScopeText encode_scope(const model::Scope& scope, Arena& arena);

// Makes rows of spans. Their texts lie in the arena, which outlives this.
class SpanEncoder {
 public:
  explicit SpanEncoder(Arena& arena) : arena_(arena), shapes_(arena) {}

  // `span.resource` and `span.scope` are given encoded. Clears the texts of `facts`.
  SpanRow encode(const model::Span& span, model::SpanFacts& facts, const ResourceText& resource,
                 const ScopeText& scope);

 private:
  // The text in the arena: the same place for the same text, mostly, so that whoever writes rows
  // need not compare them again.
  std::string_view intern(std::string_view text);

  Arena& arena_;
  AttributeShapes shapes_;
  std::array<std::string_view, 512> interned_;  // by hash; the last one of each
  std::string scratch_;
};

// Decodes rows into a batch. Neighbours with the same resource and scope share one of each.
class SpanDecoder {
 public:
  explicit SpanDecoder(model::SpanBatch& batch) : batch_(batch) {}

  // Adds the span, which borrows from the row's arena: that must be `batch.arena` or outlive the
  // batch. kDataLoss where the texts are not what SpanEncoder wrote.
  Result<void> add(const SpanRow& row);

 private:
  model::SpanBatch& batch_;
  std::string_view resource_, scope_name_, scope_version_, extra_;  // of the last row
};

// The order of rows in a segment: by trace, then by start.
bool row_less(const SpanRow& a, const SpanRow& b);

}  // namespace callscope::store
