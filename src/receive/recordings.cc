#include "receive/recordings.h"

#include <fmt/format.h>

#include "base/log.h"
#include "receive/upload_credentials.h"

namespace callscope::receive {
namespace {

// Of loose objects, in one go.
constexpr size_t kBatch = 1'000;

// A recording of a call is noted as coming in from this size on: a smaller one is there at once.
constexpr int64_t kShownBytes = 256 << 10;

Result<AudioFormat> format_of(const store::ObjectReader& object,
                              const std::optional<RawFormat>& raw) {
  const auto read = [&](uint64_t offset, size_t size) -> Result<std::string> {
    std::string bytes(size, '\0');
    TRY(object.read(offset, bytes));
    return bytes;
  };
  return look_at_audio(object.size(), read, raw);
}

void set_format(store::Recording& recording, const AudioFormat& format, int64_t bytes) {
  recording.content_type = format.content_type;
  recording.format = format.format;
  recording.encoding =
      format.codec.empty() ? std::string(to_string(format.encoding)) : format.codec;
  recording.channels = format.channels;
  recording.sample_rate_hz = format.sample_rate_hz;
  recording.duration_ms = format.duration_ms;
  recording.bytes = bytes;
}

}  // namespace

class RecordingWriter::State {
 public:
  State(Recordings& owner, RecordingDetails details)
      : owner_(owner), details_(std::move(details)), sniffer_(details_.raw) {}

  ~State() {
    if (is_writing_) {
      std::lock_guard lock(owner_.writing_mutex_);
      owner_.writing_.erase(details_.key);
    }
    object_.reset();
    // What was noted as coming in did not come.
    if (is_shown_) {
      (void)owner_.catalog_
          .write([&](store::Transaction& t) {
            return t.delete_recording(details_.project, details_.row);
          })
          .has_value();
    }
  }

  // Noted as loose first: should this process die, the object is found and removed.
  Result<void> open() {
    if (details_.key.empty()) details_.key = new_recording_key(details_.project);
    {
      std::lock_guard lock(owner_.writing_mutex_);
      if (!owner_.writing_.emplace(details_.key, nullptr).second) {
        return Error{ErrorCode::kConflict,
                     fmt::format("the recording {} is being written already", details_.key), ""};
      }
      is_writing_ = true;
    }
    const auto held = TRY(owner_.catalog_.recording_of_object(details_.project, details_.key));
    if (!held) {
      TRY(owner_.catalog_.write(
          [&](store::Transaction& t) { return t.add_loose_object(details_.key); },
          store::Durability::kPower));
    } else {
      details_.row = held->id;
    }
    object_ = TRY(owner_.objects_.put(details_.key));
    std::lock_guard lock(owner_.writing_mutex_);
    owner_.writing_[details_.key] = this;
    return {};
  }

  const std::optional<RawFormat>& raw() const { return details_.raw; }
  // From any thread, while this is among owner_.writing_.
  Result<std::shared_ptr<const store::ObjectReader>> so_far() const { return object_->so_far(); }

  Result<void> write(std::string_view bytes) {
    bytes_ += static_cast<int64_t>(bytes.size());
    if (bytes_ > owner_.limits_.recording_bytes_max) {
      return Error{
          ErrorCode::kTooLarge,
          fmt::format("the recording has more than {} bytes", owner_.limits_.recording_bytes_max),
          ""};
    }
    TRY(sniffer_.write(bytes));
    TRY(object_->write(bytes));
    if (details_.row == 0 && details_.call != 0 && bytes_ >= kShownBytes) TRY(show());
    return {};
  }

  Result<store::Recording> finish() {
    const AudioFormat format = TRY(sniffer_.finish());
    TRY(object_->commit());
    return note(format);
  }

  // Of an object that is there.
  Result<store::Recording> adopt(const store::ObjectReader& object) {
    bytes_ = static_cast<int64_t>(object.size());
    return note(TRY(format_of(object, details_.raw)));
  }

 private:
  // The object stays noted as loose, by which it is found should this process die.
  Result<void> show() {
    store::Recording recording;
    recording.project = details_.project;
    recording.agent = details_.agent;
    recording.call = details_.call;
    recording.key = details_.key;
    recording.source = details_.source;
    recording.state = store::RecordingState::kReceiving;
    recording.started = details_.started;
    recording.agent_channel = details_.agent_channel;
    details_.row =
        TRY(owner_.catalog_.write([&](store::Transaction& t) -> Result<store::RecordingId> {
          const store::RecordingId id = TRY(t.add_recording(recording));
          TRY(t.add_loose_object(details_.key));
          return id;
        }));
    is_shown_ = true;
    return {};
  }

  Result<store::Recording> note(const AudioFormat& format) {
    store::Recording recording;
    if (details_.row != 0) {
      auto row = TRY(owner_.catalog_.recording(details_.project, details_.row));
      if (!row) {
        return Error{ErrorCode::kNotFound, "the recording was deleted while it was received", ""};
      }
      recording = *std::move(row);
    }
    recording.project = details_.project;
    recording.key = details_.key;
    recording.source = details_.source;
    recording.state = store::RecordingState::kComplete;
    if (details_.agent != 0) recording.agent = details_.agent;
    if (details_.call != 0) recording.call = details_.call;
    if (details_.started.is_set()) recording.started = details_.started;
    if (details_.agent_channel) recording.agent_channel = details_.agent_channel;
    set_format(recording, format, bytes_);
    recording.error.clear();
    recording.next_attempt = {};
    TRY(owner_.catalog_.write(
        [&](store::Transaction& t) -> Result<void> {
          if (recording.id == 0) {
            recording.id = TRY(t.add_recording(recording));
            return {};
          }
          TRY(t.update_recording(recording));
          return t.forget_loose_object(recording.key);
        },
        store::Durability::kPower));
    is_shown_ = false;
    // As the catalog has it: with the call that it was joined to meanwhile.
    if (const auto saved = TRY(owner_.catalog_.recording(recording.project, recording.id)))
      recording = *saved;
    if (owner_.on_complete_) owner_.on_complete_(recording);
    return recording;
  }

  Recordings& owner_;
  RecordingDetails details_;
  AudioSniffer sniffer_;
  std::unique_ptr<store::ObjectWriter> object_;
  bool is_writing_ = false;  // details_.key is among owner_.writing_
  bool is_shown_ = false;    // details_.row is of this writer, and says that it is coming in
  int64_t bytes_ = 0;
};

RecordingWriter::RecordingWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordingWriter::~RecordingWriter() = default;
Result<void> RecordingWriter::write(std::string_view bytes) { return state_->write(bytes); }
Result<store::Recording> RecordingWriter::finish() { return state_->finish(); }

Recordings::Recordings(store::Catalog& catalog, store::ObjectStore& objects, const Clock& clock,
                       const Limits& limits,
                       std::function<void(const store::Recording&)> on_complete)
    : catalog_(catalog),
      objects_(objects),
      clock_(clock),
      limits_(limits),
      on_complete_(std::move(on_complete)) {}

Result<std::unique_ptr<RecordingWriter>> Recordings::begin(RecordingDetails details) {
  auto state = std::make_unique<RecordingWriter::State>(*this, std::move(details));
  TRY(state->open());
  return std::unique_ptr<RecordingWriter>(new RecordingWriter(std::move(state)));
}

Result<store::Recording> Recordings::fetch_later(const RecordingDetails& details,
                                                 std::string_view url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Error{ErrorCode::kInvalidArgument,
                 "the address of a recording must begin with http:// or https://",
                 "voice_recording_url"};
  }
  store::Recording recording;
  recording.project = details.project;
  recording.agent = details.agent;
  recording.call = details.call;
  recording.key = details.key.empty() ? new_recording_key(details.project) : details.key;
  recording.source = store::RecordingSource::kUrl;
  recording.state = store::RecordingState::kReceiving;
  recording.started = details.started;
  recording.agent_channel = details.agent_channel;
  recording.created = clock_.now();
  recording.url = url;
  recording.next_attempt = recording.created;
  recording.id =
      TRY(catalog_.write([&](store::Transaction& t) { return t.add_recording(recording); },
                         store::Durability::kPower));
  return recording;
}

Result<std::optional<store::Recording>> Recordings::find_uploaded(const RecordingDetails& details) {
  auto known = TRY(catalog_.recording_of_object(details.project, details.key));
  if (known) return known;
  RecordingDetails found = details;
  // The bucket's prefix is the store's affair. What follows tells whose it is: a project reads no
  // other's.
  const std::string folder = fmt::format("recordings/{}/", details.project);
  const size_t at = found.key.rfind(folder);
  const bool is_ours = at != std::string::npos && (at == 0 || found.key[at - 1] == '/');
  if (!is_ours) return std::optional<store::Recording>();
  found.key.erase(0, at);
  known = TRY(catalog_.recording_of_object(details.project, found.key));
  if (known) return known;
  const auto object = objects_.get(found.key);
  if (!object && object.error().code == ErrorCode::kNotFound)
    return std::optional<store::Recording>();
  if (!object) return object.error();
  if (!found.raw) found.raw = kSdkFormat;
  if (!found.agent_channel) found.agent_channel = kSdkAgentChannel;
  RecordingWriter::State state(*this, std::move(found));
  return std::optional(TRY(state.adopt(**object)));
}

Result<void> Recordings::remove(ProjectId project, store::RecordingId id) {
  TRY(catalog_.write([&](store::Transaction& t) { return t.delete_recording(project, id); },
                     store::Durability::kPower));
  return remove_loose_objects();
}

Result<void> Recordings::remove_loose_objects() {
  // Those that are being written are loose too, until they are held.
  const TimeNs now = clock_.now() + DurationNs{1};
  for (const store::LooseObject& loose : TRY(catalog_.loose_objects(now, kBatch))) {
    {
      std::lock_guard lock(writing_mutex_);
      if (writing_.contains(loose.key)) continue;
    }
    TRY(forget_half(loose.key));
    TRY(objects_.remove(loose.key));
    TRY(catalog_.write([&](store::Transaction& t) { return t.forget_loose_object(loose.key); }));
  }
  return {};
}

Result<void> Recordings::forget_half(const std::string& key) {
  // recordings/PROJECT/…
  constexpr std::string_view kFolder = "recordings/";
  if (!key.starts_with(kFolder)) return {};
  const ProjectId project = std::strtoll(key.c_str() + kFolder.size(), nullptr, 10);
  const auto row = TRY(catalog_.recording_of_object(project, key));
  if (!row || row->state != store::RecordingState::kReceiving || !row->url.empty()) return {};
  return catalog_.write(
      [&](store::Transaction& t) { return t.delete_recording(project, row->id); });
}

Result<OpenRecording> Recordings::open(const store::Recording& recording) {
  if (recording.state == store::RecordingState::kReceiving) return open_as_it_comes(recording);
  if (recording.state != store::RecordingState::kComplete) {
    return Error{ErrorCode::kNotFound, "the recording has not come whole", ""};
  }
  return OpenRecording{recording, TRY(objects_.get(recording.key))};
}

Result<OpenRecording> Recordings::open_as_it_comes(const store::Recording& recording) {
  OpenRecording opened{recording, nullptr};
  std::optional<RawFormat> raw;
  {
    std::lock_guard lock(writing_mutex_);
    const auto found = writing_.find(recording.key);
    if (found == writing_.end() || found->second == nullptr)
      return Error{ErrorCode::kNotFound, "the recording has not come yet", ""};
    raw = found->second->raw();
    opened.bytes = TRY(found->second->so_far());
  }
  const AudioFormat format = TRY(format_of(*opened.bytes, raw));
  set_format(opened.recording, format, static_cast<int64_t>(opened.bytes->size()));
  return opened;
}

}  // namespace callscope::receive
