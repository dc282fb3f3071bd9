// How the engine answers: a trace from memory and segments, and questions over many.
#include <algorithm>
#include <atomic>
#include <future>
#include <tuple>

#include "store/engine.h"
#include "store/lake/latency_scan.h"

namespace callscope::store {
namespace {

// The rows of one trace in one segment.
struct SegmentRows {
  const LiveSegment<SpanRow>* segment = nullptr;
  TraceRows place;
  std::shared_ptr<Arena> arena = std::make_shared<Arena>();
  std::vector<SpanRow> rows;
  std::string damage;  // empty where there is none
};

// Somebody waits for the trace, and a call of some minutes lies in several segments: a second
// thread reads some of them meanwhile.
std::vector<SegmentRows> read_segments(const View& view, const TraceKey& key) {
  std::vector<SegmentRows> parts;
  for (const LiveSegment<SpanRow>& segment : view.spans) {
    const auto place = segment.file->index().find(key.project, key.trace);
    if (!place) continue;
    SegmentRows& part = parts.emplace_back();
    part.segment = &segment;
    part.place = *place;
  }
  std::atomic<size_t> next{0};
  const auto read = [&] {
    for (size_t i = next++; i < parts.size(); i = next++) {
      SegmentRows& part = parts[i];
      RowCursor<SpanRow> cursor(part.segment->file, ReadFacts::kNo);
      const auto done = cursor.read(part.place.first_row, part.place.rows, *part.arena, part.rows);
      if (!done) part.damage = done.error().message;
    }
  };
  std::future<void> helped;
  if (parts.size() > 1) helped = std::async(read);
  read();
  if (helped.valid()) helped.get();
  return parts;
}

}  // namespace

Result<std::unique_ptr<model::SpanBatch>> Engine::trace(ProjectId project, TraceId id) const {
  auto batch = std::make_unique<model::SpanBatch>();
  const std::shared_ptr<const View> view = view_.get();
  const TraceKey key{project, id};
  if (view->is_removed(key)) return batch;
  std::vector<SpanRow> rows;
  for (const auto& hot : view->hot) {
    std::vector<SpanRow> found = hot->spans_of(key);
    if (found.empty()) continue;
    batch->keep_alive.push_back(hot);
    std::move(found.begin(), found.end(), std::back_inserter(rows));
  }
  std::vector<SegmentRows> parts = read_segments(*view, key);
  for (SegmentRows& part : parts) {
    if (!part.damage.empty()) {
      lake_.set_aside<SpanRow>(part.segment->meta.id, part.damage, view_);
      continue;
    }
    batch->keep_alive.push_back(std::move(part.arena));
    std::move(part.rows.begin(), part.rows.end(), std::back_inserter(rows));
  }
  // The newest version of each span, then in order of start.
  std::stable_sort(rows.begin(), rows.end(), [](const SpanRow& a, const SpanRow& b) {
    return std::tie(a.span_id, b.received) < std::tie(b.span_id, a.received);
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const SpanRow& a, const SpanRow& b) { return a.span_id == b.span_id; }),
             rows.end());
  std::sort(rows.begin(), rows.end(),
            [](const SpanRow& a, const SpanRow& b) { return row_less(a, b); });
  SpanDecoder decoder(*batch);
  for (const SpanRow& row : rows) TRY(decoder.add(row));
  return batch;
}

Result<std::unique_ptr<model::LogBatch>> Engine::logs(ProjectId project, TraceId id) const {
  auto batch = std::make_unique<model::LogBatch>();
  const std::shared_ptr<const View> view = view_.get();
  const TraceKey key{project, id};
  if (view->is_removed(key)) return batch;
  std::vector<LogRow> rows;
  for (const auto& hot : view->hot) {
    std::vector<LogRow> found = hot->logs_of(key);
    if (found.empty()) continue;
    batch->keep_alive.push_back(hot);
    std::move(found.begin(), found.end(), std::back_inserter(rows));
  }
  for (const LiveSegment<LogRow>& segment : view->logs) {
    const auto place = segment.file->index().find(project, id);
    if (!place) continue;
    RowCursor<LogRow> cursor(segment.file, ReadFacts::kNo);
    const size_t before = rows.size();
    if (const auto read = cursor.read(place->first_row, place->rows, batch->arena, rows); !read) {
      rows.resize(before);
      lake_.set_aside<LogRow>(segment.meta.id, read.error().message, view_);
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const LogRow& a, const LogRow& b) { return row_less(a, b); });
  for (const LogRow& row : rows) TRY(decode_log(row, *batch));
  return batch;
}

// Asks once more where the first answer failed because of a damaged segment, without it.
template <typename Ask>
auto Engine::ask(Ask question) const -> decltype(question()) {
  auto answer = question();
  if (answer || lake_.set_damaged_aside(view_) == 0) return answer;
  return question();
}

namespace {

View without(const View& view, const StatsQuery& query) {
  View rest = view;
  if (query.left_out.empty()) return rest;
  auto removed = std::make_shared<std::unordered_set<TraceKey, TraceKeyHash>>();
  if (view.removed) *removed = *view.removed;
  for (const TraceId& trace : query.left_out) removed->insert({query.project, trace});
  rest.removed = std::move(removed);
  return rest;
}

}  // namespace

Result<std::vector<LatencyRow>> Engine::latency(const StatsQuery& query, Stage stage) const {
  return ask([&] { return scan_latency(without(*view_.get(), query), query, stage); });
}

Result<std::vector<UsageRow>> Engine::usage(const StatsQuery& query) const {
  return ask([&] { return analytics_.usage(without(*view_.get(), query), query); });
}

Result<std::vector<ToolRow>> Engine::tools(const StatsQuery& query) const {
  return ask([&] { return analytics_.tools(without(*view_.get(), query), query); });
}

Result<std::vector<std::string>> Engine::services(ProjectId project) const {
  return ask([&] { return analytics_.distinct(*view_.get(), project, "service_name", ""); });
}

Result<std::vector<std::string>> Engine::operations(ProjectId project,
                                                    std::string_view service) const {
  return ask([&] { return analytics_.distinct(*view_.get(), project, "name", service); });
}

}  // namespace callscope::store
