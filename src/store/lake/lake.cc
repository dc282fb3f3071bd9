#include "store/lake/lake.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/log.h"

namespace callscope::store {
namespace {

namespace fs = std::filesystem;

template <typename Row>
std::vector<LiveSegment<Row>>& table_of(View& view);
template <>
std::vector<LiveSegment<SpanRow>>& table_of<SpanRow>(View& view) {
  return view.spans;
}
template <>
std::vector<LiveSegment<LogRow>>& table_of<LogRow>(View& view) {
  return view.logs;
}

template <typename Row>
constexpr Dataset kDatasetOf = std::is_same_v<Row, SpanRow> ? Dataset::kSpans : Dataset::kLogs;

Segment describe(const SegmentFacts& facts, Dataset dataset, std::string path, TimeNs now) {
  Segment segment;
  segment.dataset = dataset;
  segment.path = std::move(path);
  segment.rows = facts.rows;
  segment.bytes = facts.bytes;
  segment.start_min = facts.start_min;
  segment.start_max = facts.start_max;
  segment.received_max = facts.received_max;
  segment.created = now;
  return segment;
}

// The newest version of each span, in order of start. Rows of one trace.
void keep_newest(std::vector<SpanRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const SpanRow& a, const SpanRow& b) {
    return std::tie(a.span_id, b.received) < std::tie(b.span_id, a.received);
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const SpanRow& a, const SpanRow& b) { return a.span_id == b.span_id; }),
             rows.end());
  std::sort(rows.begin(), rows.end(),
            [](const SpanRow& a, const SpanRow& b) { return row_less(a, b); });
}

void keep_newest(std::vector<LogRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const LogRow& a, const LogRow& b) { return row_less(a, b); });
}

// Leaves out rows of which a segment that is not an input, or a hot generation, has a newer
// version.
void drop_replaced(std::vector<SpanRow>& rows, const TraceKey& key, const View& view,
                   const std::set<SegmentId>& inputs) {
  std::unordered_map<SpanId, TimeNs, SpanIdHash> newer;
  const auto note = [&](const std::vector<SpanRow>& others) {
    for (const SpanRow& other : others) {
      TimeNs& received = newer[other.span_id];
      received = std::max(received, other.received);
    }
  };
  for (const auto& hot : view.hot) note(hot->spans_of(key));
  for (const LiveSegment<SpanRow>& segment : view.spans) {
    if (inputs.contains(segment.meta.id)) continue;
    const auto found = segment.file->index().find(key.project, key.trace);
    if (!found) continue;
    Arena arena;
    std::vector<SpanRow> others;
    RowCursor<SpanRow> cursor(segment.file, ReadFacts::kNo);
    if (cursor.read(found->first_row, found->rows, arena, others)) note(others);
  }
  std::erase_if(rows, [&](const SpanRow& row) {
    const auto it = newer.find(row.span_id);
    return it != newer.end() && it->second > row.received;
  });
}

void drop_replaced(std::vector<LogRow>&, const TraceKey&, const View&, const std::set<SegmentId>&) {
}

// Walks several segments trace by trace, in order.
template <typename Row>
class Merge {
 public:
  explicit Merge(const std::vector<LiveSegment<Row>>& inputs) {
    for (const LiveSegment<Row>& input : inputs) {
      sources_.push_back({RowCursor<Row>(input.file, ReadFacts::kYes), 0});
    }
  }

  // The rows of the next trace of any input; nullopt at the end.
  Result<std::optional<TraceKey>> next(Arena& arena, std::vector<Row>& rows) {
    std::optional<TraceKey> least;
    for (Source& source : sources_) {
      if (source.at == source.size()) continue;
      const TraceKey key = source.key();
      if (!least || std::tie(key.trace, key.project) < std::tie(least->trace, least->project)) {
        least = key;
      }
    }
    if (!least) return least;
    for (Source& source : sources_) {
      if (source.at == source.size() || !(source.key() == *least)) continue;
      const TraceRows place = source.cursor.segment().index().at(source.at++);
      TRY(source.cursor.read(place.first_row, place.rows, arena, rows));
    }
    return least;
  }

 private:
  struct Source {
    RowCursor<Row> cursor;
    size_t at;
    size_t size() const { return cursor.segment().index().size(); }
    TraceKey key() const {
      const TraceRows rows = cursor.segment().index().at(at);
      return {rows.project, rows.trace_id};
    }
  };
  std::vector<Source> sources_;
};

}  // namespace

Result<std::string> Lake::new_path(Dataset dataset, const std::string& name) {
  const std::string day = to_rfc3339(clock_.now()).substr(0, 10);
  const std::string relative = fmt::format("{}/{}/{}.parquet", to_string(dataset), day, name);
  TRY(callscope::create_directories((directory_ / relative).parent_path()));
  // Left by an attempt that did not end well; nothing refers to it.
  TRY(remove_file(directory_ / relative));
  return relative;
}

Result<void> Lake::open(ViewHolder& view) {
  std::vector<LiveSegment<SpanRow>> spans;
  std::vector<LiveSegment<LogRow>> logs;
  TRY(open_table(Dataset::kSpans, spans));
  TRY(open_table(Dataset::kLogs, logs));
  view.update([&](View& next) {
    next.spans = std::move(spans);
    next.logs = std::move(logs);
  });
  return {};
}

template <typename Row>
Result<void> Lake::open_table(Dataset dataset, std::vector<LiveSegment<Row>>& out) {
  std::set<std::string> known;
  for (Segment& segment : TRY(catalog_.segments(dataset))) {
    known.insert(segment.path);
    if (segment.superseded.is_set() || !segment.quarantined.empty()) continue;
    auto file = SegmentFile<Row>::open(directory_ / segment.path);
    if (!file) {
      log_error("segment set aside", kv("path", segment.path), kv("error", file.error().message));
      TRY(catalog_.write(
          [&](Transaction& t) { return t.quarantine_segment(segment.id, file.error().message); }));
      continue;
    }
    out.push_back({std::move(segment), std::move(*file)});
  }
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory_ / to_string(dataset), error), end; it != end;
       it.increment(error)) {
    if (error || !it->is_regular_file()) continue;
    const std::string relative = fs::relative(it->path(), directory_).string();
    if (!known.contains(relative)) TRY(remove_file(it->path()));
  }
  return {};
}

template <typename Row>
Result<std::vector<Segment>> Lake::write_rows(const std::vector<const Row*>& rows, Dataset dataset,
                                              wal::Generation generation) {
  std::vector<Segment> out;
  if (rows.empty()) return out;
  const std::string path = TRY(new_path(dataset, fmt::format("g{:016x}", generation)));
  auto writer = TRY(SegmentWriter<Row>::create(directory_ / path, parquet::WriterOptions{}));
  TRY(writer->add(rows));
  const SegmentFacts facts = TRY(writer->finish());
  TRY(sync_directory((directory_ / path).parent_path()));
  out.push_back(describe(facts, dataset, path, clock_.now()));
  out.back().generation = static_cast<int64_t>(generation);
  return out;
}

Result<void> Lake::flush(const std::shared_ptr<HotGeneration>& hot, ViewHolder& view, Calls calls) {
  const wal::Generation generation = hot->generation();
  // A trace that was deleted while its spans were hot never gets to the lake.
  const std::shared_ptr<const View> now = view.get();
  const auto kept = [&](auto rows) {
    if (now->removed && !now->removed->empty()) {
      std::erase_if(rows, [&](const auto* row) {
        return now->is_removed({row->project, row->trace_id});
      });
    }
    return rows;
  };
  SegmentCommit commit;
  commit.add = TRY(write_rows(kept(hot->sorted_spans()), Dataset::kSpans, generation));
  for (Segment& segment : TRY(write_rows(kept(hot->sorted_logs()), Dataset::kLogs, generation))) {
    commit.add.push_back(std::move(segment));
  }
  commit.flushed_generation = static_cast<int64_t>(generation);
  if (calls == Calls::kSaved) commit.calls_generation = commit.flushed_generation;
  commit.now = clock_.now();
  const std::vector<SegmentId> ids = TRY(catalog_.commit_segments(commit));

  std::vector<LiveSegment<SpanRow>> spans;
  std::vector<LiveSegment<LogRow>> logs;
  for (size_t i = 0; i < commit.add.size(); ++i) {
    Segment segment = commit.add[i];
    segment.id = ids[i];
    if (segment.dataset == Dataset::kSpans) {
      auto file = TRY(SegmentFile<SpanRow>::open(directory_ / segment.path));
      spans.push_back({std::move(segment), std::move(file)});
    } else {
      auto file = TRY(SegmentFile<LogRow>::open(directory_ / segment.path));
      logs.push_back({std::move(segment), std::move(file)});
    }
  }
  view.update([&](View& next) {
    std::erase_if(next.hot, [&](const auto& other) { return other.get() == hot.get(); });
    for (auto& segment : spans) next.spans.push_back(std::move(segment));
    for (auto& segment : logs) next.logs.push_back(std::move(segment));
  });
  return {};
}

template <typename Row>
Result<void> Lake::compact(const std::vector<LiveSegment<Row>>& inputs, ViewHolder& view) {
  const Dataset dataset = kDatasetOf<Row>;
  std::set<SegmentId> ids;
  bool check_replaced = false;
  int64_t generation = 0;
  for (const LiveSegment<Row>& input : inputs) {
    ids.insert(input.meta.id);
    check_replaced |= input.meta.needs_rewrite;
    generation = std::max(generation, input.meta.generation);
  }
  const std::string path =
      TRY(new_path(dataset, fmt::format("c{:016x}-{}", generation, *ids.begin())));
  auto writer = TRY(SegmentWriter<Row>::create(directory_ / path, parquet::WriterOptions{}));
  Merge<Row> merge(inputs);
  const std::shared_ptr<const View> now = view.get();
  Arena arena;
  std::vector<Row> rows;
  std::vector<const Row*> kept;
  while (true) {
    arena.clear();
    rows.clear();
    kept.clear();
    const std::optional<TraceKey> key = TRY(merge.next(arena, rows));
    if (!key) break;
    if (now->is_removed(*key)) continue;
    keep_newest(rows);
    if (check_replaced) drop_replaced(rows, *key, *now, ids);
    for (const Row& row : rows) kept.push_back(&row);
    TRY(writer->add(kept));
  }
  const SegmentFacts facts = TRY(writer->finish());
  TRY(sync_directory((directory_ / path).parent_path()));

  SegmentCommit commit;
  commit.supersede.assign(ids.begin(), ids.end());
  commit.now = clock_.now();
  if (facts.rows > 0) {
    commit.add.push_back(describe(facts, dataset, path, clock_.now()));
    commit.add.back().generation = generation;
  }
  const std::vector<SegmentId> added = TRY(catalog_.commit_segments(commit));
  std::vector<LiveSegment<Row>> fresh;
  if (facts.rows > 0) {
    commit.add[0].id = added[0];
    fresh.push_back({commit.add[0], TRY(SegmentFile<Row>::open(directory_ / path))});
  } else {
    TRY(remove_file(directory_ / path));
  }
  view.update([&](View& next) {
    auto& table = table_of<Row>(next);
    std::erase_if(table, [&](const LiveSegment<Row>& s) { return ids.contains(s.meta.id); });
    for (auto& segment : fresh) table.push_back(std::move(segment));
  });
  log_info("segments compacted", kv("dataset", to_string(dataset)), kv("inputs", inputs.size()),
           kv("rows", facts.rows), kv("bytes", facts.bytes));
  return {};
}

template <typename Row>
Result<void> Lake::drop(const std::vector<SegmentId>& ids, ViewHolder& view) {
  SegmentCommit commit;
  commit.supersede = ids;
  commit.now = clock_.now();
  TRY(catalog_.commit_segments(commit));
  view.update([&](View& next) {
    std::erase_if(table_of<Row>(next), [&](const LiveSegment<Row>& segment) {
      return std::find(ids.begin(), ids.end(), segment.meta.id) != ids.end();
    });
  });
  return {};
}

template <typename Row>
void Lake::set_aside(SegmentId id, std::string_view reason, ViewHolder& view) {
  log_error("segment set aside", kv("segment", id), kv("error", reason));
  const Result<void> noted =
      catalog_.write([&](Transaction& t) { return t.quarantine_segment(id, reason); });
  if (!noted) log_error("cannot note it in the catalog", kv("error", noted.error().message));
  view.update([&](View& next) {
    std::erase_if(table_of<Row>(next), [&](const LiveSegment<Row>& s) { return s.meta.id == id; });
  });
}

size_t Lake::set_damaged_aside(ViewHolder& view) {
  size_t damaged = 0;
  const std::shared_ptr<const View> now = view.get();
  for (const LiveSegment<SpanRow>& segment : now->spans) {
    constexpr int64_t kStep = 2'000;
    RowCursor<SpanRow> cursor(segment.file, ReadFacts::kYes);
    for (int64_t row = 0; row < segment.meta.rows; row += kStep) {
      Arena arena;
      std::vector<SpanRow> rows;
      const auto read = cursor.read(row, std::min(kStep, segment.meta.rows - row), arena, rows);
      if (read) continue;
      set_aside<SpanRow>(segment.meta.id, read.error().message, view);
      ++damaged;
      break;
    }
  }
  return damaged;
}

Result<void> Lake::remove_superseded() {
  // Readers hold the files mapped: an unlinked file lives on for them until they let go.
  for (const Dataset dataset : {Dataset::kSpans, Dataset::kLogs}) {
    std::vector<SegmentId> gone;
    for (const Segment& segment : TRY(catalog_.segments(dataset))) {
      if (!segment.superseded.is_set()) continue;
      TRY(remove_file(directory_ / segment.path));
      gone.push_back(segment.id);
    }
    if (gone.empty()) continue;
    TRY(catalog_.write([&](Transaction& t) { return t.forget_segments(gone); }));
  }
  return {};
}

Result<int64_t> Lake::bytes() const {
  int64_t total = 0;
  for (const Dataset dataset : {Dataset::kSpans, Dataset::kLogs}) {
    for (const Segment& segment : TRY(catalog_.segments(dataset))) {
      if (!segment.superseded.is_set()) total += segment.bytes;
    }
  }
  return total;
}

template Result<void> Lake::compact(const std::vector<LiveSegment<SpanRow>>&, ViewHolder&);
template Result<void> Lake::compact(const std::vector<LiveSegment<LogRow>>&, ViewHolder&);
template void Lake::set_aside<SpanRow>(SegmentId, std::string_view, ViewHolder&);
template void Lake::set_aside<LogRow>(SegmentId, std::string_view, ViewHolder&);
template Result<void> Lake::drop<SpanRow>(const std::vector<SegmentId>&, ViewHolder&);
template Result<void> Lake::drop<LogRow>(const std::vector<SegmentId>&, ViewHolder&);

}  // namespace callscope::store
