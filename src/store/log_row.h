// A log line as it is kept: one row of the lake's logs table.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/span.h"
#include "store/span_row.h"

namespace callscope::store {

// Views are borrowed from the arena of whoever holds the row.
struct LogRow {
  TraceId trace_id;  // zero where the line belongs to no trace
  SpanId span_id;
  ProjectId project = 0;
  AgentId agent = 0;
  TimeNs time;
  TimeNs received;
  int32_t severity_number = 0;
  std::string_view severity_text;
  std::string_view event_name;
  std::string_view service_name;
  std::string_view scope_name;
  std::string_view resource;    // JSON object
  std::string_view body;        // JSON value
  std::string_view attributes;  // JSON object
};

LogRow encode_log(const model::LogLine& line, const ResourceText& resource, Arena& arena,
                  std::string& scratch);
// Adds the line to `batch`, which borrows from the row's arena. kDataLoss as SpanDecoder::add.
Result<void> decode_log(const LogRow& row, model::LogBatch& batch);

bool row_less(const LogRow& a, const LogRow& b);  // by trace, then by time

}  // namespace callscope::store
