#include "store/lake/latency_scan.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>

#include "store/parquet/reader.h"

namespace callscope::store {
namespace {

using model::Measure;
using model::OpKind;
using model::SpanFacts;
using parquet::ColumnCursor;

// From this many segments on a second thread saves more than it costs to start.
constexpr size_t kFilesForHelp = 4;

// Which spans a stage is measured on, and by what.
struct StageRule {
  std::optional<OpKind> kind;
  bool billable_only = false;
  Measure SpanFacts::*value = nullptr;  // null for the length of the span
  const char* column = nullptr;         // of `value`
};

StageRule rule_of(Stage stage) {
  switch (stage) {
    case Stage::kStt:
      return {OpKind::kStt, false, &SpanFacts::latency_us, "latency_us"};
    case Stage::kLlm:
      return {OpKind::kLlm, true, &SpanFacts::latency_us, "latency_us"};
    case Stage::kTts:
      return {OpKind::kTts, true, &SpanFacts::latency_us, "latency_us"};
    case Stage::kS2s:
      return {OpKind::kS2s, true, &SpanFacts::latency_us, "latency_us"};
    case Stage::kTool:
      return {OpKind::kTool, false, nullptr, nullptr};
    case Stage::kEndpointing:
      return {std::nullopt, false, &SpanFacts::endpointing_us, "endpointing_us"};
  }
  return {};
}

bool in_range(TimeNs time, TimeRange range) {
  return (!range.from.is_set() || time >= range.from) && (!range.to.is_set() || time < range.to);
}

const char* group_column(GroupBy group) {
  switch (group) {
    case GroupBy::kNone:
      return nullptr;
    case GroupBy::kModel:
      return "model";
    case GroupBy::kProvider:
      return "provider";
    case GroupBy::kAgent:
      return "agent_id";
    case GroupBy::kTool:
      return "tool_name";
    case GroupBy::kName:
      return "name";
  }
  return nullptr;
}

// The values in µs of each group and bucket.
class Samples {
 public:
  explicit Samples(const StatsQuery& query) : query_(query) {}

  void add(std::string_view group, TimeNs start, int64_t value_us) {
    const int64_t bucket =
        query_.interval ? start.ns / query_.interval->ns * query_.interval->ns : 0;
    // Neighbours are often of one group.
    if (last_ == nullptr || last_->first.second != bucket || last_->first.first != group) {
      last_ = &*values_.try_emplace({std::string(group), bucket}).first;
    }
    last_->second.push_back(value_us);
  }

  void add(Samples&& others) {
    for (auto& [key, values] : others.values_) {
      std::vector<int64_t>& mine = values_[key];
      mine.insert(mine.end(), values.begin(), values.end());
    }
  }

  std::vector<LatencyRow> rows() {
    std::vector<LatencyRow> out;
    for (auto& [key, values] : values_) {
      LatencyRow& row = out.emplace_back();
      row.group = key.first;
      if (query_.interval) row.bucket = TimeNs{key.second};
      row.n = values.size();
      auto from = values.begin();
      const auto percentile_ms = [&](size_t percent) {
        const size_t rank = std::max<size_t>(1, (values.size() * percent + 99) / 100);
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
        std::nth_element(from, at, values.end());
        from = at;  // the higher ones lie behind
        return static_cast<double>(*at) / 1e3;
      };
      row.p50_ms = percentile_ms(50);
      row.p90_ms = percentile_ms(90);
      row.p95_ms = percentile_ms(95);
      row.p99_ms = percentile_ms(99);
    }
    return out;
  }

 private:
  const StatsQuery& query_;
  using Values = std::map<std::pair<std::string, int64_t>, std::vector<int64_t>>;
  Values values_;
  Values::value_type* last_ = nullptr;
};

std::string group_of(const SpanRow& row, GroupBy group) {
  switch (group) {
    case GroupBy::kNone:
      return "";
    case GroupBy::kModel:
      return std::string(row.model);
    case GroupBy::kProvider:
      return std::string(row.provider);
    case GroupBy::kAgent:
      return std::to_string(row.agent);
    case GroupBy::kTool:
      return std::string(row.tool_name);
    case GroupBy::kName:
      return std::string(row.name);
  }
  return "";
}

void scan_hot(const View& view, const StatsQuery& query, const StageRule& rule, Samples& out) {
  for (const auto& hot : view.hot) {
    hot->for_each_span([&](const SpanRow& row) {
      const SpanFacts& facts = row.facts;
      if (rule.kind && facts.kind != *rule.kind) return;
      if (row.project != query.project || facts.provisional) return;
      if (rule.billable_only && !facts.billable) return;
      if (query.agent && row.agent != *query.agent) return;
      if (!in_range(row.start, query.started)) return;
      Measure value;
      if (rule.value != nullptr) {
        value = facts.*rule.value;
      } else if (row.end >= row.start) {
        value = (row.end - row.start).ns / 1000;
      }
      if (!value || view.is_removed({row.project, row.trace_id})) return;
      out.add(group_of(row, query.group_by), row.start, *value);
    });
  }
}

// One segment, read row by row: the column that leaves most rows out first, the others only where
// it does not.
class SegmentScan {
 public:
  SegmentScan(const parquet::Reader& file, const View& view, const StatsQuery& query,
              const StageRule& rule)
      : file_(file), view_(view), query_(query), rule_(rule) {}

  Result<void> run(Samples& out) {
    const bool by_start = query_.interval || query_.started.from.is_set() ||
                          query_.started.to.is_set() || rule_.value == nullptr;
    const bool any_removed = view_.removed && !view_.removed->empty();
    auto kind = cursor(rule_.kind ? "kind" : nullptr);
    auto value = cursor(rule_.column);
    auto project = cursor("project_id");
    auto provisional = cursor("provisional");
    auto billable = cursor(rule_.billable_only ? "billable" : nullptr);
    auto agent = cursor(query_.agent ? "agent_id" : nullptr);
    auto start = cursor(by_start ? "start_time" : nullptr);
    auto end = cursor(rule_.value == nullptr ? "end_time" : nullptr);
    auto trace = cursor(any_removed ? "trace_id" : nullptr);
    auto group = cursor(group_column(query_.group_by));
    if (missing_) return {};  // a file from before such a column has no value of it

    const std::string_view wanted = rule_.kind ? model::to_string(*rule_.kind) : std::string_view();
    std::string agent_text;
    for (const parquet::RowGroup& rows : file_.row_groups()) {
      for (int64_t row = rows.first_row; row < rows.first_row + rows.rows; ++row) {
        if (kind) {
          TRY(kind->seek(row));
          const std::string_view text = kind->bytes();
          // Most rows are of another kind, which the first letter mostly tells.
          if (text.empty() || text[0] != wanted[0] || text != wanted) continue;
        }
        if (value) {
          TRY(value->seek(row));
          if (value->is_null()) continue;
        }
        TRY(project->seek(row));
        TRY(provisional->seek(row));
        if (project->integer() != query_.project || provisional->integer() != 0) continue;
        if (billable) {
          TRY(billable->seek(row));
          if (billable->integer() == 0) continue;
        }
        if (agent) {
          TRY(agent->seek(row));
          if (agent->integer() != *query_.agent) continue;
        }
        TimeNs started;
        if (start) {
          TRY(start->seek(row));
          started = {start->integer()};
          if (!in_range(started, query_.started)) continue;
        }
        int64_t value_us = 0;
        if (value) {
          value_us = value->integer();
        } else {
          TRY(end->seek(row));
          if (end->integer() < started.ns) continue;
          value_us = (end->integer() - started.ns) / 1000;
        }
        if (trace) {
          TRY(trace->seek(row));
          const auto id = TraceId::from_bytes(trace->bytes());
          if (id && view_.is_removed({query_.project, *id})) continue;
        }
        std::string_view name;
        if (group) {
          TRY(group->seek(row));
          if (query_.group_by == GroupBy::kAgent) {
            agent_text = std::to_string(group->integer());
            name = agent_text;
          } else if (!group->is_null()) {
            name = group->bytes();
          }
        }
        out.add(name, started, value_us);
      }
    }
    return {};
  }

 private:
  std::optional<ColumnCursor> cursor(const char* name) {
    if (name == nullptr) return std::nullopt;
    const auto at = file_.find_column(name);
    if (!at) {
      missing_ = true;
      return std::nullopt;
    }
    return std::optional<ColumnCursor>(std::in_place, file_, *at, parquet::Pages::kNeeded);
  }

  const parquet::Reader& file_;
  const View& view_;
  const StatsQuery& query_;
  const StageRule& rule_;
  bool missing_ = false;
};

}  // namespace

Result<std::vector<LatencyRow>> scan_latency(const View& view, const StatsQuery& query,
                                             Stage stage) {
  const StageRule rule = rule_of(stage);
  std::vector<const parquet::Reader*> files;
  for (const LiveSegment<SpanRow>& segment : view.spans) {
    const bool overlaps =
        (!query.started.from.is_set() || segment.meta.start_max >= query.started.from) &&
        (!query.started.to.is_set() || segment.meta.start_min < query.started.to);
    if (overlaps) files.push_back(&segment.file->file());
  }
  // Each thread takes the next file that none has.
  std::atomic<size_t> next{0};
  const auto scan = [&](Samples& samples) -> Result<void> {
    for (size_t i = next++; i < files.size(); i = next++) {
      TRY(SegmentScan(*files[i], view, query, rule).run(samples));
    }
    return {};
  };
  Samples samples(query);
  Samples others(query);
  std::future<Result<void>> helper;
  if (files.size() >= kFilesForHelp) {
    helper = std::async(std::launch::async, [&] { return scan(others); });
  }
  const Result<void> scanned = scan(samples);
  const Result<void> helped = helper.valid() ? helper.get() : Result<void>();
  TRY(scanned);
  TRY(helped);
  samples.add(std::move(others));
  scan_hot(view, query, rule, samples);
  return samples.rows();
}

}  // namespace callscope::store
