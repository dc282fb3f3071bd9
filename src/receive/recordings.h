// The one way into the store for recordings, whatever brought them: look at the bytes, stream them
// to the object store, and note the recording in the catalog.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "receive/audio_format.h"
#include "store/catalog/catalog.h"
#include "store/objects/objects.h"

namespace callscope::receive {

// What its sender says of a recording.
struct RecordingDetails {
  ProjectId project = 0;
  AgentId agent = 0;  // 0: not known
  CallId call = 0;    // 0: to be joined later, by Transaction::attach_recording
  store::RecordingSource source = store::RecordingSource::kApi;
  TimeNs started;                        // UTC of its first sample, where known
  std::optional<int64_t> agent_channel;  // 0 or 1
  // What samples without a container are. A file that turns out to have one is read by that.
  std::optional<RawFormat> raw;
  std::string key;  // of the object; empty makes a new one
  // One that has a row already: it is brought up to date in place of adding another.
  store::RecordingId row = 0;
};

// Takes the bytes of one recording. Without finish() nothing of it remains.
class RecordingWriter {
 public:
  ~RecordingWriter();

  // kUnsupported for bytes that are no audio we know, kTooLarge beyond the limit.
  Result<void> write(std::string_view bytes);
  // Object and row survive a loss of power once this returned.
  Result<store::Recording> finish();

 private:
  friend class Recordings;
  class State;  // of one that is being written
  explicit RecordingWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A recording and its bytes: all of them, or those that have come by now. Then what is said of it
// is what these tell.
struct OpenRecording {
  store::Recording recording;
  std::shared_ptr<const store::ObjectReader> bytes;
};

// Thread-safe.
class Recordings {
 public:
  // All outlive it. `on_complete` is told of each recording that became complete; it must be short.
  Recordings(store::Catalog& catalog, store::ObjectStore& objects, const Clock& clock,
             const Limits& limits, std::function<void(const store::Recording&)> on_complete = {});

  Result<std::unique_ptr<RecordingWriter>> begin(RecordingDetails details);

  // Notes a recording that the server is to fetch (RecordingFetcher does). kInvalidArgument where
  // the URL is none of http or https.
  Result<store::Recording> fetch_later(const RecordingDetails& details, std::string_view url);

  // The recording whose object an SDK has uploaded under `details.key`: to this server, or, where
  // credentials of the bucket itself are handed out (UploadKeys::lend), to the bucket, and then it
  // is noted now. nullopt where there is no such object of that project.
  Result<std::optional<store::Recording>> find_uploaded(const RecordingDetails& details);

  // Its row and its object, at once.
  Result<void> remove(ProjectId project, store::RecordingId id);

  // Removes objects that no recording holds: those of deleted recordings, and what a crash left,
  // recordings that were coming in among it.
  // To be called at the start, from time to time, and after calls were deleted.
  Result<void> remove_loose_objects();

  // kNotFound where none of its bytes have come yet.
  Result<OpenRecording> open(const store::Recording& recording);

 private:
  friend class RecordingWriter;

  Result<OpenRecording> open_as_it_comes(const store::Recording& recording);
  // Of a sender that was cut off by a crash of this process.
  Result<void> forget_half(const std::string& key);

  store::Catalog& catalog_;
  store::ObjectStore& objects_;
  const Clock& clock_;
  const Limits limits_;
  const std::function<void(const store::Recording&)> on_complete_;
  std::mutex writing_mutex_;
  // By key; null until there is something to read. Guarded by writing_mutex_.
  std::map<std::string, const RecordingWriter::State*, std::less<>> writing_;
};

}  // namespace callscope::receive
