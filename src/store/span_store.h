// Reads spans and log lines, wherever they are: hot or in the lake, newest version of each, never
// one that belongs to another project or was deleted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::store {

// Half open: from <= t < to. An unset end is open.
struct TimeRange {
  TimeNs from;
  TimeNs to;
};

struct SpanQuery {
  ProjectId project = 0;
  std::optional<AgentId> agent;
  std::vector<TraceId> traces;  // only of these; empty for any
  TimeRange started;
  std::optional<std::string> name;
  std::optional<model::OpKind> kind;
  std::optional<std::string> model;
  std::vector<std::pair<std::string, std::string>> attributes;  // all must be equal, as text
  std::optional<std::string> text;  // case-insensitive, in names and attribute keys and values
  std::optional<DurationNs> duration_min;
  std::optional<DurationNs> duration_max;
  bool errors_only = false;
  size_t limit = 100;
  std::string cursor;  // from an earlier page; empty for the first
};

struct SpanPage {
  std::unique_ptr<model::SpanBatch> batch;  // newest first
  std::optional<std::string> next;          // cursor of the next page; absent on the last
};

enum class GroupBy { kNone, kModel, kProvider, kAgent, kTool, kName };

struct StatsQuery {
  ProjectId project = 0;
  std::optional<AgentId> agent;
  TimeRange started;
  GroupBy group_by = GroupBy::kNone;
  std::optional<DurationNs> interval;  // also group by buckets of this length
  std::vector<TraceId> left_out;       // as if they were not there
};

// Which latency: the measure a stage is judged by, not its span's length, save for tools.
enum class Stage { kStt, kLlm, kTts, kS2s, kTool, kEndpointing };
std::optional<Stage> parse_stage(std::string_view text);

struct LatencyRow {
  std::string group;
  std::optional<TimeNs> bucket;  // start of the interval
  uint64_t n = 0;
  double p50_ms = 0, p90_ms = 0, p95_ms = 0, p99_ms = 0;
};

struct UsageRow {
  std::string group;
  std::optional<TimeNs> bucket;
  uint64_t requests = 0;  // billable spans
  model::Measure input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, characters;
  model::Measure audio_us;
  model::Measure cost_nano_usd;
  uint64_t unpriced_requests = 0;  // billable spans whose cost is unknown
};

struct ToolFailure {
  TraceId trace_id;
  SpanId span_id;
  TimeNs start;
};

struct ToolRow {
  std::string group;  // the tool's name
  uint64_t n = 0;
  uint64_t errors = 0;
  std::optional<double> p50_ms, p95_ms;
  std::vector<ToolFailure> failures;  // newest first, at most 20
};

class SpanStore {
 public:
  virtual ~SpanStore() = default;

  // All spans of a trace in order of start; an empty batch where the project has none.
  virtual Result<std::unique_ptr<model::SpanBatch>> trace(ProjectId project, TraceId id) const = 0;
  virtual Result<std::unique_ptr<model::LogBatch>> logs(ProjectId project, TraceId id) const = 0;
  virtual Result<SpanPage> search(const SpanQuery& query) const = 0;

  virtual Result<std::vector<LatencyRow>> latency(const StatsQuery& query, Stage stage) const = 0;
  virtual Result<std::vector<UsageRow>> usage(const StatsQuery& query) const = 0;
  virtual Result<std::vector<ToolRow>> tools(const StatsQuery& query) const = 0;

  // Names of services (service.name) and of span names, for pickers and the Jaeger API.
  virtual Result<std::vector<std::string>> services(ProjectId project) const = 0;
  virtual Result<std::vector<std::string>> operations(ProjectId project,
                                                      std::string_view service) const = 0;

  // Makes every span and log line of the trace invisible at once, and late ones too; compaction
  // removes the bytes.
  virtual Result<void> remove_trace(ProjectId project, TraceId id) = 0;
};

}  // namespace callscope::store
