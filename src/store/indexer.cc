#include "store/indexer.h"

#include <deque>

#include "base/check.h"
#include "base/log.h"
#include "normalise/message_lines.h"

namespace callscope::store {
namespace {

constexpr DurationNs kFarOff = DurationNs::from_s(24 * 3600);
// How long the thread sleeps at most where nothing arrives; bounds how late a flush by age is.
constexpr std::chrono::milliseconds kIdleWait{200};

bool far_apart(TimeNs a, TimeNs b) {
  // In doubles: times of broken clocks may be so far apart that their difference overflows.
  const double apart = static_cast<double>(a.ns) - static_cast<double>(b.ns);
  return std::abs(apart) > static_cast<double>(kFarOff.ns);
}

// The resource or scope of the last item: items of one group come one after the other, as views of
// the same bytes.
template <typename Value>
struct Latest {
  std::string_view bytes;
  std::string_view schema_url;
  bool seen = false;
  Value value;

  bool is(std::string_view other, std::string_view url) const {
    return seen && bytes.data() == other.data() && bytes.size() == other.size() &&
           schema_url.data() == url.data();
  }
  void note(std::string_view other, std::string_view url) {
    bytes = other;
    schema_url = url;
    seen = true;
  }
};

struct EncodedResource {
  model::Resource decoded;
  ResourceText text;
  AgentId agent = 0;
  bool is_muted = false;
};

struct EncodedScope {
  model::Scope decoded;
  ScopeText text;
};

}  // namespace

Indexer::Indexer(IndexerParts parts, IndexerOptions options, std::vector<wal::Generation> old,
                 wal::Generation first)
    : parts_(std::move(parts)), options_(options), old_(std::move(old)), first_(first) {}

Indexer::~Indexer() { stop(); }

void Indexer::start() {
  thread_ = std::thread([this] { run(); });
}

void Indexer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  parts_.wal.wake();
  thread_.join();
}

wal::Committed Indexer::indexed() const { return {at_generation_.load(), at_offset_.load()}; }

void Indexer::run() {
  for (const wal::Generation generation : old_) {
    if (stopping_) return;
    replay(generation);
  }
  replayed_ = true;
  replayed_.notify_all();
  follow();
}

void Indexer::replay(wal::Generation generation) {
  begin(generation);
  const auto tail = wal::find_tail(parts_.wal_directory, generation);
  if (!tail) {
    // Kept where it is: somebody may rescue it, and `doctor` names it.
    log_error("cannot read a file of the write-ahead log", kv("generation", generation),
              kv("error", tail.error().message));
    return;
  }
  if (tail->good_end < tail->file_size) {
    log_warning("torn tail of the write-ahead log is left out", kv("generation", generation),
                kv("bytes", tail->file_size - tail->good_end), kv("records_kept", tail->records));
  }
  if (tail->damaged_bytes > 0) {
    log_error("damage in the write-ahead log: records are lost", kv("generation", generation),
              kv("bytes", tail->damaged_bytes), kv("records_kept", tail->records));
  }
  if (tail->records > 0) {
    auto reader = wal::Reader::open(parts_.wal_directory, generation);
    while (reader && reader->offset() < tail->good_end) {
      index_up_to(*reader, tail->good_end);
      const auto found = reader->skip_damage(tail->good_end);
      if (!found || !found.value()) break;
    }
    log_info("write-ahead log replayed", kv("generation", generation),
             kv("records", tail->records));
  }
  seal();
}

void Indexer::follow() {
  wal::Generation generation = first_;
  while (true) {
    auto opened = wal::Reader::open(parts_.wal_directory, generation);
    CHECK(opened.has_value(), "the file that the log's writer has just begun");
    wal::Reader& reader = *opened;
    begin(generation);
    bool readable = true;
    while (true) {
      const wal::Committed committed = parts_.wal.committed();
      const bool complete = committed.generation > generation;
      const uint64_t limit = complete ? reader.file_size().value_or(0) : committed.offset;
      if (readable && reader.offset() < limit) readable = index_up_to(reader, limit);
      if (complete) break;
      if (stopping_) {
        if (parts_.wal.committed() != committed) continue;
        seal();
        return;
      }
      if (is_due() && !rotation_asked_) {
        rotation_asked_ = true;
        parts_.wal.rotate();
      }
      parts_.wal.wait_committed(committed, kIdleWait);
    }
    seal();
    ++generation;
    // A file that could not be begun at the next number does not exist; the writer counts on from
    // it.
    while (generation < parts_.wal.committed().generation &&
           !std::filesystem::exists(parts_.wal_directory / wal::file_name(generation))) {
      ++generation;
    }
  }
}

void Indexer::begin(wal::Generation generation) {
  hot_ = std::make_shared<HotGeneration>(generation);
  hot_since_.reset();
  hot_bytes_ = 0;
  rotation_asked_ = false;
  at_generation_ = generation;
  at_offset_ = 0;
  parts_.view.update([&](View& view) { view.hot.push_back(hot_); });
}

void Indexer::seal() { parts_.flush(std::exchange(hot_, nullptr)); }

bool Indexer::is_due() const {
  if (!hot_since_) return false;
  const auto age = parts_.clock.steady() - *hot_since_;
  return age >= options_.flush_age * (hot_bytes_ >= options_.flush_bytes_min ? 1 : 6);
}

bool Indexer::index_up_to(wal::Reader& reader, uint64_t limit) {
  while (true) {
    auto record = reader.next(limit);
    if (!record) {
      log_error("cannot index the write-ahead log", kv("error", record.error().message));
      return false;
    }
    if (!record.value()) return true;
    if (!hot_since_) hot_since_ = parts_.clock.steady();
    index(*record.value());
    hot_bytes_ += record.value()->payload.size();
    at_offset_ = reader.offset();
  }
}

void Indexer::index(const wal::Record& record) {
  arena_.clear();
  if (record.header.signal == normalise::Signal::kTraces) {
    index_spans(record);
  } else {
    index_logs(record);
  }
}

AgentId Indexer::agent_of(const wal::Record& record, std::string_view service_name) const {
  return record.header.agent != 0 ? record.header.agent
                                  : parts_.agent_of_service(record.header.project, service_name);
}

void Indexer::index_spans(const wal::Record& record) {
  Latest<EncodedResource> resource;
  Latest<EncodedScope> scope;
  const std::shared_ptr<const View> view = parts_.view.get();
  uint64_t spans = 0;
  std::unique_lock lock(hot_->mutex());
  normalise::for_each_item(record.payload, [&](const normalise::RequestItem& item) {
    if (!resource.is(item.resource, item.resource_schema_url)) {
      resource.note(item.resource, item.resource_schema_url);
      normalise::decode_resource(item.resource, options_.decode, arena_, resource.value.decoded);
      resource.value.decoded.schema_url = item.resource_schema_url;
      resource.value.text = encode_resource(resource.value.decoded, hot_->arena());
      resource.value.agent = agent_of(record, resource.value.text.service_name);
      resource.value.is_muted = parts_.is_muted(resource.value.agent, record.header.received);
    }
    if (resource.value.is_muted) return;
    if (!scope.is(item.scope, item.scope_schema_url)) {
      scope.note(item.scope, item.scope_schema_url);
      normalise::decode_scope(item.scope, options_.decode, arena_, scope.value.decoded);
      scope.value.decoded.schema_url = item.scope_schema_url;
      scope.value.text = encode_scope(scope.value.decoded, hot_->arena());
    }
    if (!normalise::decode_span(item.item, options_.decode, arena_, span_)) return;
    span_.project = record.header.project;
    span_.agent = resource.value.agent;
    span_.received = record.header.received;
    span_.resource = &resource.value.decoded;
    span_.scope = &scope.value.decoded;
    if (span_.start.is_set() && far_apart(span_.start, span_.received)) {
      span_.flags |= model::kClockFarOff;
    }
    const TraceKey key{span_.project, span_.trace_id};
    if (view->is_removed(key)) return;
    parts_.classifier.classify(span_, facts_);
    const bool replaced = parts_.observer.on_span(span_, facts_);
    const auto added =
        hot_->add(hot_->encoder().encode(span_, facts_, resource.value.text, scope.value.text));
    if (replaced && added == HotGeneration::Added::kNew) parts_.on_replaced(key);
    ++spans;
  });
  spans_indexed_.fetch_add(spans, std::memory_order_relaxed);
}

void Indexer::index_logs(const wal::Record& record) {
  Latest<EncodedResource> resource;
  Latest<model::Scope> scope;
  uint64_t lines = 0;
  std::unique_lock lock(hot_->mutex());
  normalise::for_each_item(record.payload, [&](const normalise::RequestItem& item) {
    if (!resource.is(item.resource, item.resource_schema_url)) {
      resource.note(item.resource, item.resource_schema_url);
      normalise::decode_resource(item.resource, options_.decode, arena_, resource.value.decoded);
      resource.value.text = encode_resource(resource.value.decoded, hot_->arena());
      resource.value.agent = agent_of(record, resource.value.text.service_name);
      resource.value.is_muted = parts_.is_muted(resource.value.agent, record.header.received);
    }
    if (resource.value.is_muted) return;
    if (!scope.is(item.scope, item.scope_schema_url)) {
      scope.note(item.scope, item.scope_schema_url);
      normalise::decode_scope(item.scope, options_.decode, arena_, scope.value);
    }
    normalise::decode_log(item.item, options_.decode, arena_, line_);
    line_.project = record.header.project;
    line_.agent = resource.value.agent;
    line_.received = record.header.received;
    if (!line_.time.is_set()) line_.time = line_.received;
    line_.resource = &resource.value.decoded;
    line_.scope = &scope.value;
    hot_->add(encode_log(line_, resource.value.text, hot_->arena(), scratch_));
    if (normalise::is_message_line(line_)) parts_.observer.revisit(line_.project, line_.trace_id);
    ++lines;
  });
  logs_indexed_.fetch_add(lines, std::memory_order_relaxed);
}

}  // namespace callscope::store
