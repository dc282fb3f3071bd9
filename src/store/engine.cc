#include "store/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/file.h"
#include "base/log.h"

namespace callscope::store {
namespace {

constexpr char kWalFolder[] = "wal";
constexpr char kLakeFolder[] = "lake";
constexpr char kTemporaryFolder[] = "tmp";

// How long a flush that failed waits before it is tried again: the disk may have been freed.
constexpr std::chrono::seconds kFlushRetry{2};

// A call that goes on changes with each flush; it is saved this often.
constexpr std::chrono::seconds kCallsAge{5};

bool key_less(const TraceKey& a, const TraceKey& b) {
  return std::tie(a.project, a.trace) < std::tie(b.project, b.trace);
}

uint64_t file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

std::optional<Stage> parse_stage(std::string_view text) {
  if (text == "stt") return Stage::kStt;
  if (text == "llm") return Stage::kLlm;
  if (text == "tts") return Stage::kTts;
  if (text == "s2s") return Stage::kS2s;
  if (text == "tool") return Stage::kTool;
  if (text == "endpointing") return Stage::kEndpointing;
  return std::nullopt;
}

Engine::Engine(EngineParts parts)
    : parts_(std::move(parts)),
      wal_directory_(parts_.directory / kWalFolder),
      lake_(parts_.directory / kLakeFolder, parts_.catalog, parts_.clock),
      analytics_(parts_.directory / kLakeFolder,
                 DuckOptions{.memory_bytes_max = parts_.limits.query_bytes_max,
                             .temporary = parts_.directory / kTemporaryFolder}),
      replaced_(&key_less) {}

Engine::~Engine() { stop(); }

Result<std::unique_ptr<Engine>> Engine::open(EngineParts parts) {
  auto engine = std::unique_ptr<Engine>(new Engine(std::move(parts)));
  const std::filesystem::path& directory = engine->parts_.directory;
  TRY(callscope::create_directories(engine->wal_directory_));
  TRY(callscope::create_directories(directory / kLakeFolder));
  TRY(callscope::create_directories(directory / kTemporaryFolder));
  TRY(engine->lake_.open(engine->view_));
  TRY(engine->open_tombstones());
  TRY(engine->open_log());
  return engine;
}

Result<void> Engine::open_tombstones() {
  auto removed = std::make_shared<std::unordered_set<TraceKey, TraceKeyHash>>();
  for (const Tombstone& tombstone : TRY(parts_.catalog.tombstones())) {
    removed->insert({tombstone.project, tombstone.trace});
  }
  view_.update([&](View& view) { view.removed = removed; });
  return {};
}

Result<void> Engine::open_log() {
  const auto flushed = static_cast<wal::Generation>(TRY(parts_.catalog.flushed_generation()));
  wal::Generation newest = flushed;
  for (const wal::Generation generation : TRY(wal::list_generations(wal_directory_))) {
    newest = std::max(newest, generation);
    if (generation <= flushed) {
      // In the lake already; the process stopped before it could remove the file.
      TRY(remove_file(wal_directory_ / wal::file_name(generation)));
    } else {
      old_generations_.push_back(generation);
    }
  }
  first_generation_ = newest + 1;
  wal_ = TRY(wal::Writer::create(
      wal_directory_, first_generation_,
      {.file_bytes_max = static_cast<uint64_t>(parts_.limits.wal_file_bytes_max),
       .file_items_max = static_cast<uint64_t>(parts_.limits.hot_items_max)}));
  return {};
}

Result<void> Engine::start(SpanObserver& observer) {
  observer_ = &observer;
  TRY(revisit_unsaved_calls());
  flusher_ = std::thread([this] { run_flusher(); });
  IndexerOptions options;
  options.decode.attributes_max = static_cast<size_t>(parts_.limits.attributes_per_span_max);
  options.decode.attribute_bytes_max = static_cast<size_t>(parts_.limits.attribute_bytes_max);
  options.flush_age = std::chrono::milliseconds(parts_.limits.flush_age_ms_max);
  indexer_ = std::make_unique<Indexer>(
      IndexerParts{.wal_directory = wal_directory_,
                   .wal = *wal_,
                   .view = view_,
                   .classifier = parts_.classifier,
                   .observer = observer,
                   .clock = parts_.clock,
                   .agent_of_service =
                       [this](ProjectId project, std::string_view service) {
                         return agent_of_service(project, service);
                       },
                   .is_muted = [this](AgentId agent,
                                      TimeNs received) { return muted_.is_muted(agent, received); },
                   .flush = [this](std::shared_ptr<HotGeneration> hot) { flush(std::move(hot)); },
                   .on_replaced =
                       [this](const TraceKey& key) {
                         std::lock_guard lock(mutex_);
                         replaced_.insert(key);
                       }},
      options, old_generations_, first_generation_);
  indexer_->start();
  indexer_->wait_replayed();
  housekeeper_ = std::thread([this] { run_housekeeping(); });
  return {};
}

void Engine::stop() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
  if (indexer_) indexer_->stop();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (flusher_.joinable()) flusher_.join();
  if (housekeeper_.joinable()) housekeeper_.join();
  wal_.reset();
}

Result<void> Engine::append(const wal::RecordHeader& header, wal::Payload payload,
                            std::function<void(Result<void>)> done) {
  if (wal_backlog_bytes() > static_cast<uint64_t>(parts_.limits.wal_backlog_bytes_max)) {
    return Error{ErrorCode::kResourceExhausted,
                 "too many spans wait to be indexed; send this again later"};
  }
  if (is_disk_full()) {
    return Error{
        ErrorCode::kUnavailable,
        fmt::format(
            "the disk of the data folder has less than {} MiB left; spans are refused until "
            "there is room",
            parts_.limits.disk_free_bytes_min >> 20)};
  }
  wal_->append(header, std::move(payload), std::move(done));
  return {};
}

bool Engine::is_disk_full() {
  const int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                          parts_.clock.steady().time_since_epoch())
                          .count();
  int64_t checked = disk_checked_ms_.load();
  // One caller a second looks; the others take what it found.
  if (now - checked >= 1'000 && disk_checked_ms_.compare_exchange_strong(checked, now)) {
    std::error_code error;
    const auto space = std::filesystem::space(parts_.directory, error);
    disk_full_ =
        !error && space.available < static_cast<uintmax_t>(parts_.limits.disk_free_bytes_min);
  }
  return disk_full_;
}

uint64_t Engine::wal_backlog_bytes() const {
  const wal::Committed committed = wal_->committed();
  const wal::Committed indexed = indexer_->indexed();
  if (committed.generation == indexed.generation)
    return committed.offset - std::min(committed.offset, indexed.offset);
  // Whole files in between are about as long as the limit for one.
  const uint64_t files = committed.generation - indexed.generation;
  return files * static_cast<uint64_t>(parts_.limits.wal_file_bytes_max) + committed.offset -
         std::min(indexed.offset, committed.offset);
}

AgentId Engine::agent_of_service(ProjectId project, std::string_view service_name) {
  {
    std::lock_guard lock(agents_mutex_);
    const auto it = agents_.find(std::pair(project, std::string(service_name)));
    if (it != agents_.end()) return it->second;
  }
  const auto agent = parts_.catalog.write(
      [&](Transaction& t) { return t.agent_of_service(project, service_name); });
  if (!agent) {
    log_error("cannot find or make the agent of a service", kv("service", service_name),
              kv("error", agent.error().message));
    return 0;
  }
  std::lock_guard lock(agents_mutex_);
  return agents_[{project, std::string(service_name)}] = agent->id;
}

// --- Flushing ---

// One generation is flushed while the next is indexed; what is behind it stays in the log. While
// flushes fail, indexing goes on for as long as memory allows, so that what was acknowledged can be
// read.
void Engine::flush(std::shared_ptr<HotGeneration> hot) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return draining_ || (to_flush_.empty() && !flushing_) ||
           (flush_failing_ && unflushed_bytes() < parts_.limits.unflushed_bytes_max);
  });
  to_flush_.push_back(std::move(hot));
  changed_.notify_all();
}

int64_t Engine::unflushed_bytes() const {
  size_t bytes = 0;
  for (const auto& hot : to_flush_) bytes += hot->held_bytes();
  return static_cast<int64_t>(bytes);
}

void Engine::run_flusher() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !to_flush_.empty() || stopping_; });
    if (to_flush_.empty()) return;
    const std::shared_ptr<HotGeneration> hot = std::move(to_flush_.front());
    to_flush_.pop_front();
    flushing_ = true;
    // The log is cut by generation number, so one must not reach the lake before an older one.
    while (!gave_up_) {
      lock.unlock();
      const bool flushed = flush_now(hot);
      lock.lock();
      flush_failing_ = !flushed;
      if (flushed) break;
      changed_.notify_all();
      // At the end there is no point in waiting: the log still holds everything.
      gave_up_ = changed_.wait_for(lock, kFlushRetry, [&] { return draining_; });
    }
    flushing_ = false;
    changed_.notify_all();
  }
}

bool Engine::flush_now(const std::shared_ptr<HotGeneration>& hot) {
  const auto started = parts_.clock.steady();
  const auto flushed = [&]() -> Result<void> {
    const bool calls_saved = TRY(save_calls_if_due());
    TRY(lake_.flush(hot, view_, calls_saved ? Lake::Calls::kSaved : Lake::Calls::kPending));
    return remove_file(wal_directory_ / wal::file_name(hot->generation()));
  }();
  if (!flushed) {
    log_error("cannot move spans to the lake, trying again", kv("error", flushed.error().message));
    return false;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.steady() - started);
  if (hot->span_count() + hot->log_count() > 0) {
    log_debug("generation flushed", kv("generation", hot->generation()),
              kv("spans", hot->span_count()), kv("logs", hot->log_count()), kv("ms", took.count()));
  }
  return true;
}

// Returns whether the calls of all that is indexed are saved now.
Result<bool> Engine::save_calls_if_due() {
  const auto now = parts_.clock.steady();
  {
    std::lock_guard lock(mutex_);
    const bool is_due = draining_ || now - calls_saved_ >= kCallsAge;
    if (!is_due && !observer_->is_save_urgent()) return false;
  }
  TRY(observer_->save());
  std::lock_guard lock(mutex_);
  calls_saved_ = now;
  return true;
}

// Saves the calls that no later flush comes for.
Result<void> Engine::save_calls_left() {
  const int64_t flushed = TRY(parts_.catalog.flushed_generation());
  if (TRY(parts_.catalog.calls_generation()) >= flushed) return {};
  if (!TRY(save_calls_if_due())) return {};
  SegmentCommit commit;
  commit.calls_generation = flushed;
  TRY(parts_.catalog.commit_segments(commit));
  return {};
}

// The process stopped between the flush of spans and the save of their calls.
Result<void> Engine::revisit_unsaved_calls() {
  const int64_t saved = TRY(parts_.catalog.calls_generation());
  const std::shared_ptr<const View> view = view_.get();
  std::unordered_set<TraceKey, TraceKeyHash> traces;
  for (const LiveSegment<SpanRow>& segment : view->spans) {
    if (segment.meta.generation <= saved) continue;
    const TraceIndex& index = segment.file->index();
    for (size_t i = 0; i < index.size(); ++i) {
      const TraceRows rows = index.at(i);
      const TraceKey key{rows.project, rows.trace_id};
      if (!view->is_removed(key) && traces.insert(key).second)
        observer_->revisit(key.project, key.trace);
    }
  }
  return {};
}

Result<void> Engine::remove_trace(ProjectId project, TraceId id) {
  TRY(parts_.catalog.write([&](Transaction& t) { return t.bury_trace(project, id); },
                           Durability::kPower));
  view_.update([&](View& view) {
    auto removed = std::make_shared<std::unordered_set<TraceKey, TraceKeyHash>>(*view.removed);
    removed->insert({project, id});
    view.removed = std::move(removed);
  });
  std::vector<SegmentId> affected;
  const std::shared_ptr<const View> view = view_.get();
  for (const auto& segment : view->spans) {
    if (segment.file->index().find(project, id)) affected.push_back(segment.meta.id);
  }
  for (const auto& segment : view->logs) {
    if (segment.file->index().find(project, id)) affected.push_back(segment.meta.id);
  }
  return parts_.catalog.write([&](Transaction& t) { return t.mark_for_rewrite(affected); });
}

EngineStatus Engine::status() const {
  EngineStatus status;
  const std::shared_ptr<const View> view = view_.get();
  if (indexer_) {
    status.spans_indexed = indexer_->spans_indexed();
    status.logs_indexed = indexer_->logs_indexed();
    if (wal_) status.wal_backlog_bytes = wal_backlog_bytes();
  }
  for (const auto& hot : view->hot) {
    status.hot_spans += hot->span_count();
    status.hot_bytes += hot->held_bytes();
    status.wal_bytes += file_bytes(wal_directory_ / wal::file_name(hot->generation()));
  }
  status.segments = view->spans.size() + view->logs.size();
  for (const auto& segment : view->spans) {
    status.lake_rows += segment.meta.rows;
    status.lake_bytes += segment.meta.bytes;
  }
  for (const auto& segment : view->logs) status.lake_bytes += segment.meta.bytes;
  std::lock_guard lock(mutex_);
  status.flush_failing = flush_failing_;
  return status;
}

}  // namespace callscope::store
