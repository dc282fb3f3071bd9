#include "store/wal/writer.h"

#include "base/log.h"

namespace callscope::store::wal {

Result<std::unique_ptr<Writer>> Writer::create(std::filesystem::path directory, Generation first,
                                               WriterOptions options) {
  auto writer = std::unique_ptr<Writer>(new Writer(std::move(directory), options));
  TRY(writer->start_file(first));
  writer->thread_ = std::thread([raw = writer.get()] { raw->run(); });
  return writer;
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  progress_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::append(const RecordHeader& header, Payload payload,
                    std::function<void(Result<void>)> done) {
  // The checksum is computed here, on the caller's thread: the commit thread only writes.
  std::string head = encode_record_header(header, payload.bytes);
  {
    std::lock_guard lock(mutex_);
    pending_bytes_ += payload.bytes.size();
    queue_.push_back({std::move(head), std::move(payload), std::move(done)});
  }
  work_.notify_one();
}

void Writer::rotate() {
  {
    std::lock_guard lock(mutex_);
    rotate_asked_ = true;
  }
  work_.notify_one();
}

Committed Writer::committed() const {
  std::lock_guard lock(mutex_);
  return committed_;
}

Committed Writer::wait_committed(Committed seen, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const uint64_t wakes = wakes_;
  progress_.wait_for(lock, timeout,
                     [&] { return committed_ > seen || wakes_ != wakes || stopping_; });
  return committed_;
}

void Writer::wake() {
  {
    std::lock_guard lock(mutex_);
    ++wakes_;
  }
  progress_.notify_all();
}

size_t Writer::pending_bytes() const {
  std::lock_guard lock(mutex_);
  return pending_bytes_;
}

Result<void> Writer::start_file(Generation generation) {
  File file = TRY(File::open(directory_ / file_name(generation), File::Mode::kCreate));
  TRY(file.append(encode_file_header(generation)));
  TRY(file.sync());
  TRY(sync_directory(directory_));
  file_ = std::move(file);
  generation_ = generation;
  file_end_ = kFileHeaderBytes;
  file_items_ = 0;
  file_suspect_ = false;
  {
    std::lock_guard lock(mutex_);
    committed_ = {generation, file_end_};
  }
  progress_.notify_all();
  return {};
}

void Writer::run() {
  std::vector<Entry> batch;
  while (true) {
    bool rotate = false;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [&] { return !queue_.empty() || rotate_asked_ || stopping_; });
      if (queue_.empty() && stopping_) return;
      batch.swap(queue_);
      rotate = std::exchange(rotate_asked_, false);
    }
    if (!batch.empty()) {
      const Result<void> result = commit(batch);
      size_t bytes = 0;
      for (const Entry& entry : batch) bytes += entry.payload.bytes.size();
      {
        std::lock_guard lock(mutex_);
        pending_bytes_ -= bytes;
        if (result) committed_ = {generation_, file_end_};
      }
      if (result) progress_.notify_all();
      for (Entry& entry : batch) entry.done(result);
      batch.clear();
    }
    roll_if_due(rotate);
  }
}

Result<void> Writer::commit(const std::vector<Entry>& batch) {
  if (file_suspect_) {
    // After a failed sync the kernel may have dropped pages that it calls clean, so the file is not
    // written again: what was acknowledged in it stays, and a new one begins.
    TRY(start_file(generation_ + 1));
  }
  std::vector<std::string_view> parts;
  parts.reserve(batch.size() * 2);
  uint64_t bytes = 0;
  for (const Entry& entry : batch) {
    parts.push_back(entry.header);
    parts.push_back(entry.payload.bytes);
    bytes += entry.header.size() + entry.payload.bytes.size();
  }
  Result<void> result = file_.append(parts);
  if (!result) {
    // Nothing of this batch was acknowledged: take it back, so that the next one stands right
    // behind the last good record.
    if (!file_.truncate(file_end_)) file_suspect_ = true;
  } else {
    result = file_.sync();
    if (!result) file_suspect_ = true;
  }
  if (!result) {
    log_error("write-ahead log refused a batch", kv("requests", batch.size()),
              kv("error", result.error().message));
    return Error{ErrorCode::kUnavailable,
                 "not stored, send it again later: " + result.error().message};
  }
  file_end_ += bytes;
  for (const Entry& entry : batch) file_items_ += entry.payload.items;
  return {};
}

void Writer::roll_if_due(bool asked) {
  const bool full = file_end_ >= options_.file_bytes_max || file_items_ >= options_.file_items_max;
  if (!full && !(asked && file_end_ > kFileHeaderBytes)) return;
  if (Result<void> started = start_file(generation_ + 1); !started) {
    // The present file goes on growing; the next commit or request tries again.
    log_error("cannot start the next write-ahead log file", kv("error", started.error().message));
  }
}

}  // namespace callscope::store::wal
