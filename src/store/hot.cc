#include "store/hot.h"

#include <algorithm>
#include <mutex>
#include <tuple>

namespace callscope::store {
namespace {

// Up to here a scan of eight-byte ids, all in one or two pages, beats a hash table.
constexpr size_t kScanMax = 128;

template <typename Row>
void sort_rows(std::vector<const Row*>& rows, size_t from) {
  std::sort(rows.begin() + static_cast<std::ptrdiff_t>(from), rows.end(),
            [](const Row* a, const Row* b) { return row_less(*a, *b); });
}

}  // namespace

std::optional<uint32_t> HotGeneration::TraceRows::find(SpanId id) const {
  if (!positions.empty()) {
    const auto it = positions.find(id);
    return it == positions.end() ? std::nullopt : std::optional(it->second);
  }
  const auto it = std::find(ids.begin(), ids.end(), id);
  if (it == ids.end()) return std::nullopt;
  return rows[static_cast<size_t>(it - ids.begin())];
}

void HotGeneration::TraceRows::add(SpanId id, uint32_t row) {
  constexpr size_t kUsual = 32;
  if (ids.empty()) {
    ids.reserve(kUsual);
    rows.reserve(kUsual);
  }
  ids.push_back(id);
  rows.push_back(row);
  if (ids.size() == kScanMax) {
    for (size_t i = 0; i < ids.size(); ++i) positions[ids[i]] = rows[i];
  } else if (ids.size() > kScanMax) {
    positions[id] = row;
  }
}

HotGeneration::Added HotGeneration::add(SpanRow row) {
  TraceRows& trace = traces_[{row.project, row.trace_id}];
  if (const auto at = trace.find(row.span_id)) {
    SpanRow& old = spans_[*at];
    if (old.attributes != row.attributes || old.end != row.end || old.name != row.name ||
        old.status != row.status || old.events != row.events) {
      row.flags |= model::kReplaced;
    }
    old = std::move(row);
    return Added::kReplaced;
  }
  trace.add(row.span_id, static_cast<uint32_t>(spans_.size()));
  spans_.add(std::move(row));
  return Added::kNew;
}

void HotGeneration::add(LogRow row) {
  if (!row.trace_id.is_zero()) {
    log_traces_[{row.project, row.trace_id}].push_back(static_cast<uint32_t>(logs_.size()));
  }
  logs_.add(std::move(row));
}

std::vector<SpanRow> HotGeneration::spans_of(const TraceKey& key) const {
  std::shared_lock lock(mutex_);
  std::vector<SpanRow> out;
  if (const auto it = traces_.find(key); it != traces_.end()) {
    out.reserve(it->second.rows.size());
    for (const uint32_t row : it->second.rows) out.push_back(spans_[row]);
  }
  return out;
}

std::vector<LogRow> HotGeneration::logs_of(const TraceKey& key) const {
  std::shared_lock lock(mutex_);
  std::vector<LogRow> out;
  if (const auto it = log_traces_.find(key); it != log_traces_.end()) {
    for (const uint32_t row : it->second) out.push_back(logs_[row]);
  }
  return out;
}

void HotGeneration::for_each_span(const std::function<void(const SpanRow&)>& visit) const {
  std::shared_lock lock(mutex_);
  for (size_t i = 0; i < spans_.size(); ++i) visit(spans_[i]);
}

std::vector<const SpanRow*> HotGeneration::sorted_spans() const {
  // By trace first, then within each: comparing few small keys instead of many scattered rows.
  std::vector<const decltype(traces_)::value_type*> traces;
  traces.reserve(traces_.size());
  for (const auto& trace : traces_) traces.push_back(&trace);
  std::sort(traces.begin(), traces.end(), [](const auto* a, const auto* b) {
    return std::tie(a->first.trace, a->first.project) < std::tie(b->first.trace, b->first.project);
  });
  std::vector<const SpanRow*> out;
  out.reserve(spans_.size());
  for (const auto* trace : traces) {
    const size_t from = out.size();
    for (const uint32_t row : trace->second.rows) out.push_back(&spans_[row]);
    // As row_less, of rows whose trace and project are the same.
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(),
              [](const SpanRow* a, const SpanRow* b) {
                return a->start != b->start ? a->start < b->start : a->span_id < b->span_id;
              });
  }
  return out;
}

std::vector<const LogRow*> HotGeneration::sorted_logs() const {
  std::vector<const LogRow*> out;
  out.reserve(logs_.size());
  for (size_t i = 0; i < logs_.size(); ++i) out.push_back(&logs_[i]);
  sort_rows(out, 0);
  return out;
}

size_t HotGeneration::span_count() const {
  std::shared_lock lock(mutex_);
  return spans_.size();
}

size_t HotGeneration::log_count() const {
  std::shared_lock lock(mutex_);
  return logs_.size();
}

size_t HotGeneration::held_bytes() const {
  std::shared_lock lock(mutex_);
  return arena_.held_bytes() + spans_.size() * sizeof(SpanRow) + logs_.size() * sizeof(LogRow);
}

}  // namespace callscope::store
