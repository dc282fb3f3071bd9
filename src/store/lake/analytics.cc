#include "store/lake/analytics.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/lake/span_filter.h"

namespace callscope::store {
namespace {

using model::OpKind;
using model::SpanFacts;
using Cell = DuckTable::Cell;

// The columns that questions over spans use, in the segments by these names and from hot spans
// through a temporary table of the same shape.
constexpr char kColumns[] =
    "trace_id, span_id, project_id, agent_id, epoch_ns(start_time) AS start_ns, "
    "epoch_ns(end_time) AS end_ns, kind, billable, is_error, provisional, coalesce(provider, '') "
    "AS provider, "
    "coalesce(model, '') AS model, coalesce(tool_name, '') AS tool_name, name, "
    "input_tokens, output_tokens, cache_read_tokens, "
    "cache_write_tokens, characters, audio_us, cost_nano_usd";
constexpr char kHotColumns[] =
    "trace_id BLOB, span_id BLOB, project_id BIGINT, agent_id BIGINT, start_ns BIGINT, end_ns "
    "BIGINT, "
    "kind VARCHAR, billable BOOLEAN, is_error BOOLEAN, provisional BOOLEAN, provider VARCHAR, "
    "model VARCHAR, tool_name VARCHAR, name VARCHAR, "
    "input_tokens BIGINT, output_tokens BIGINT, cache_read_tokens BIGINT, "
    "cache_write_tokens BIGINT, characters BIGINT, audio_us BIGINT, cost_nano_usd BIGINT";

Cell integer(int64_t value) { return {Cell::Kind::kInteger, value}; }
Cell text(std::string_view value) { return {Cell::Kind::kText, 0, std::string(value)}; }
Cell bytes(std::string_view value) { return {Cell::Kind::kBytes, 0, std::string(value)}; }
Cell measure(model::Measure value) { return value.has_value() ? integer(*value) : Cell{}; }

bool in_range(TimeNs time, TimeRange range) {
  return (!range.from.is_set() || time >= range.from) && (!range.to.is_set() || time < range.to);
}

// A segment's start_min and start_max tell whether it can hold a span that starts in `range`.
bool overlaps(const Segment& segment, TimeRange range) {
  return (!range.from.is_set() || segment.start_max >= range.from) &&
         (!range.to.is_set() || segment.start_min < range.to);
}

DuckTable hot_table(const View& view, const StatsQuery& query, bool (*wanted)(const SpanFacts&)) {
  DuckTable table{"hot", kHotColumns, {}};
  for (const auto& hot : view.hot) {
    hot->for_each_span([&](const SpanRow& row) {
      const SpanFacts& f = row.facts;
      if (row.project != query.project || !wanted(f) || !in_range(row.start, query.started)) return;
      if (view.is_removed({row.project, row.trace_id})) return;
      table.rows.push_back({bytes(row.trace_id.view()),   bytes(row.span_id.view()),
                            integer(row.project),         integer(row.agent),
                            integer(row.start.ns),        integer(row.end.ns),
                            text(to_string(f.kind)),      integer(f.billable),
                            integer(f.is_error),          integer(f.provisional),
                            text(row.provider),           text(row.model),
                            text(row.tool_name),          text(row.name),
                            measure(f.input_tokens),      measure(f.output_tokens),
                            measure(f.cache_read_tokens), measure(f.cache_write_tokens),
                            measure(f.characters),        measure(f.audio_us),
                            measure(f.cost_nano_usd)});
    });
  }
  return table;
}

DuckTable removed_table(const View& view, ProjectId project) {
  DuckTable table{"removed", "trace_id BLOB", {}};
  if (view.removed) {
    for (const TraceKey& key : *view.removed) {
      if (key.project == project) table.rows.push_back({bytes(key.trace.view())});
    }
  }
  return table;
}

std::string where(const StatsQuery& query, bool any_removed) {
  std::string out = fmt::format("project_id = {} AND NOT provisional", query.project);
  if (query.agent) out += fmt::format(" AND agent_id = {}", *query.agent);
  if (query.started.from.is_set()) out += fmt::format(" AND start_ns >= {}", query.started.from.ns);
  if (query.started.to.is_set()) out += fmt::format(" AND start_ns < {}", query.started.to.ns);
  if (any_removed) out += " AND trace_id NOT IN (SELECT trace_id FROM removed)";
  return out;
}

std::string group_expression(GroupBy group) {
  switch (group) {
    case GroupBy::kNone:
      return "''";
    case GroupBy::kModel:
      return "model";
    case GroupBy::kProvider:
      return "provider";
    case GroupBy::kAgent:
      return "agent_id::VARCHAR";
    case GroupBy::kTool:
      return "tool_name";
    case GroupBy::kName:
      return "name";
  }
  return "''";
}

std::string bucket_expression(const StatsQuery& query) {
  if (!query.interval) return "0::BIGINT";
  return fmt::format("(start_ns // {0}) * {0}", query.interval->ns);
}

bool billable_span(const SpanFacts& facts) { return facts.billable; }
bool tool_span(const SpanFacts& facts) { return facts.kind == OpKind::kTool; }

std::optional<TimeNs> bucket_of(const StatsQuery& query, const DuckRow& row, size_t column) {
  return query.interval ? std::optional(TimeNs{row.integer(column)}) : std::nullopt;
}

model::Measure measure_at(const DuckRow& row, size_t column) {
  return row.is_null(column) ? model::Measure() : model::Measure(row.integer(column));
}

}  // namespace

std::string Analytics::source(const View& view, TimeRange range, std::string_view columns) const {
  std::string files;
  for (const LiveSegment<SpanRow>& segment : view.spans) {
    if (!overlaps(segment.meta, range)) continue;
    if (!files.empty()) files += ", ";
    files += sql_text((lake_ / segment.meta.path).string());
  }
  if (files.empty()) return "SELECT * FROM hot";
  return fmt::format("SELECT {} FROM read_parquet([{}]) UNION ALL SELECT * FROM hot", columns,
                     files);
}

Result<std::vector<UsageRow>> Analytics::usage(const View& view, const StatsQuery& query) {
  const DuckTable removed = removed_table(view, query.project);
  std::vector<UsageRow> out;
  const auto visit = [&](const DuckRow& row) {
    UsageRow usage;
    usage.group = row.text(0);
    usage.bucket = bucket_of(query, row, 1);
    usage.requests = static_cast<uint64_t>(row.integer(2));
    usage.unpriced_requests = static_cast<uint64_t>(row.integer(3));
    usage.input_tokens = measure_at(row, 4);
    usage.output_tokens = measure_at(row, 5);
    usage.cache_read_tokens = measure_at(row, 6);
    usage.cache_write_tokens = measure_at(row, 7);
    usage.characters = measure_at(row, 8);
    usage.audio_us = measure_at(row, 9);
    usage.cost_nano_usd = measure_at(row, 10);
    out.push_back(std::move(usage));
  };
  TRY(duck_.query(
      fmt::format(
          "SELECT {} AS g, {} AS bucket, count(*), "
          "count(*) FILTER (WHERE cost_nano_usd IS NULL), sum(input_tokens)::BIGINT, "
          "sum(output_tokens)::BIGINT, sum(cache_read_tokens)::BIGINT, "
          "sum(cache_write_tokens)::BIGINT, sum(characters)::BIGINT, sum(audio_us)::BIGINT, "
          "sum(cost_nano_usd)::BIGINT FROM ({}) WHERE {} AND billable GROUP BY g, bucket "
          "ORDER BY g, bucket",
          group_expression(query.group_by), bucket_expression(query),
          source(view, query.started, kColumns), where(query, !removed.rows.empty())),
      {hot_table(view, query, billable_span), removed}, visit));
  return out;
}

Result<std::vector<ToolRow>> Analytics::tools(const View& view, const StatsQuery& query) {
  constexpr size_t kFailuresMax = 20;
  const DuckTable removed = removed_table(view, query.project);
  const DuckTable hot = hot_table(view, query, tool_span);
  const std::string from =
      fmt::format("FROM ({}) WHERE {} AND kind = 'tool'", source(view, query.started, kColumns),
                  where(query, !removed.rows.empty()));
  std::vector<ToolRow> out;
  TRY(duck_.query(
      fmt::format("SELECT g, n, errors, p[1] / 1e6, p[2] / 1e6 FROM (SELECT tool_name AS g, "
                  "count(*) AS n, count(*) FILTER (WHERE is_error) AS errors, "
                  "quantile_disc(greatest(end_ns - start_ns, 0), [0.5, 0.95]) AS p {} "
                  "GROUP BY g) ORDER BY n DESC, g",
                  from),
      {hot, removed}, [&](const DuckRow& row) {
        out.push_back({std::string(row.text(0)),
                       static_cast<uint64_t>(row.integer(1)),
                       static_cast<uint64_t>(row.integer(2)),
                       row.real(3),
                       row.real(4),
                       {}});
      }));
  TRY(duck_.query(
      fmt::format("SELECT tool_name, trace_id, span_id, start_ns {} AND is_error QUALIFY "
                  "row_number() OVER (PARTITION BY tool_name ORDER BY start_ns DESC) <= {} "
                  "ORDER BY start_ns DESC",
                  from, kFailuresMax),
      {hot, removed}, [&](const DuckRow& row) {
        const auto tool = std::find_if(out.begin(), out.end(),
                                       [&](const ToolRow& t) { return t.group == row.text(0); });
        if (tool == out.end()) return;
        tool->failures.push_back({TraceId::from_bytes(row.text(1)).value_or(TraceId{}),
                                  SpanId::from_bytes(row.text(2)).value_or(SpanId{}),
                                  TimeNs{row.integer(3)}});
      }));
  return out;
}

Result<std::vector<std::string>> Analytics::distinct(const View& view, ProjectId project,
                                                     std::string_view column,
                                                     std::string_view service) {
  DuckTable hot{"hot", "service_name VARCHAR, name VARCHAR, project_id BIGINT", {}};
  for (const auto& generation : view.hot) {
    generation->for_each_span([&](const SpanRow& row) {
      if (row.project != project) return;
      hot.rows.push_back({text(row.service_name), text(row.name), integer(row.project)});
    });
  }
  std::vector<std::string> out;
  TRY(duck_.query(
      fmt::format(
          "SELECT DISTINCT {0} FROM ({1}) WHERE project_id = {2}{3} ORDER BY {0} LIMIT 10000",
          column, source(view, {}, "service_name, name, project_id"), project,
          service.empty() ? "" : " AND service_name = " + sql_text(service)),
      {hot}, [&](const DuckRow& row) { out.emplace_back(row.text(0)); }));
  return out;
}

namespace {

// Spans that may start within one microsecond, over all of a project.
constexpr size_t kSameMicrosecondMax = 1'000;

// Cuts the places to those a page may be made of: `limit` and one more, and whatever starts within
// the same microsecond as the first or the last of them, whose order only the rows tell.
void leave_page(const SpanQuery& query, std::vector<Analytics::Place>& places) {
  size_t keep = query.limit + 1;
  const auto cursor = parse_search_cursor(query.cursor);
  if (cursor && *cursor) {
    const TimeNs begin{(*cursor)->start.ns - (*cursor)->start.ns % 1'000};
    keep += static_cast<size_t>(std::count_if(
        places.begin(), places.end(), [&](const auto& place) { return place.start >= begin; }));
  }
  if (keep >= places.size()) return;
  const TimeNs last = places[keep - 1].start;
  while (keep < places.size() && places[keep].start == last) ++keep;
  places.resize(keep);
}

// Of a few traces most segments hold none.
bool holds_any(const SegmentFile<SpanRow>& file, const SpanQuery& query) {
  return query.traces.empty() ||
         std::any_of(query.traces.begin(), query.traces.end(), [&](const TraceId& trace) {
           return file.index().find(query.project, trace).has_value();
         });
}

}  // namespace

Result<std::vector<Analytics::Place>> Analytics::search(const View& view, const SpanQuery& query) {
  // Segments from before ids and numbers among the attributes had columns of their own lack these.
  std::string files, old_files;
  std::map<std::string, size_t, std::less<>> positions;
  for (size_t i = 0; i < view.spans.size(); ++i) {
    if (!overlaps(view.spans[i].meta, query.started)) continue;
    if (!holds_any(*view.spans[i].file, query)) continue;
    const std::string path = (lake_ / view.spans[i].meta.path).string();
    const bool is_old = !view.spans[i].file->file().find_column("attribute_numbers");
    std::string& list = is_old ? old_files : files;
    if (!list.empty()) list += ", ";
    list += sql_text(path);
    positions.emplace(path, i);
  }
  const auto read = [](std::string_view more, const std::string& list) {
    return fmt::format(
        "SELECT *{} FROM read_parquet([{}], filename = true, file_row_number = true)", more, list);
  };
  std::string rows;
  if (!files.empty()) rows = read("", files);
  if (!old_files.empty()) {
    if (!rows.empty()) rows += " UNION ALL BY NAME ";
    rows += read(", NULL::VARCHAR AS attribute_ids, NULL::VARCHAR AS attribute_numbers", old_files);
  }
  std::vector<Place> out;
  if (rows.empty()) return out;
  TRY(duck_.query(
      fmt::format("SELECT filename, file_row_number, epoch_ns(start_time) AS start_ns FROM "
                  "({}) WHERE {} ORDER BY start_ns DESC, span_id DESC LIMIT {}",
                  rows, filter_sql(query), query.limit + 1 + kSameMicrosecondMax),
      {}, [&](const DuckRow& row) {
        const auto position = positions.find(row.text(0));
        if (position == positions.end()) return;
        out.push_back({position->second, row.integer(1), TimeNs{row.integer(2)}});
      }));
  leave_page(query, out);
  return out;
}

}  // namespace callscope::store
