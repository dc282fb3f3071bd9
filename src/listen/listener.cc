#include "listen/listener.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include "audio/analysis_json.h"
#include "audio/peaks.h"
#include "base/log.h"
#include "listen/object_bytes.h"

namespace callscope::listen {
namespace {

// It looks for recordings this often even if nobody wakes it, as after the catalog was unavailable.
constexpr std::chrono::seconds kRound(30);

}  // namespace

Listener::Listener(store::Catalog& catalog, store::ObjectStore& objects, const Clock& clock,
                   ListenerOptions options)
    : catalog_(catalog), objects_(objects), clock_(clock), options_(std::move(options)) {}

Listener::~Listener() {
  for (std::jthread& thread : threads_) thread.request_stop();
  changed_.notify_all();
}

void Listener::start() {
  for (size_t i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this](std::stop_token stop) { run(std::move(stop)); });
}

void Listener::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

Result<void> Listener::listen_again(const store::Recording& recording) {
  TRY(catalog_.write([&](store::Transaction& transaction) {
    return transaction.forget_analysis(recording.project, recording.id);
  }));
  wake();
  return {};
}

std::optional<double> Listener::progress(store::RecordingId recording) const {
  const std::lock_guard lock(mutex_);
  const auto found = under_way_.find(recording);
  return found == under_way_.end() ? std::nullopt : std::optional(found->second);
}

void Listener::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    uint64_t seen;
    {
      const std::lock_guard lock(mutex_);
      seen = wakes_;
    }
    while (const auto next = take_next()) {
      hear(*next, stop);
      const std::lock_guard lock(mutex_);
      under_way_.erase(next->id);
      if (stop.stop_requested()) return;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kRound, [&] { return wakes_ != seen; });
  }
}

// The oldest that waits and that no other thread has.
std::optional<store::Recording> Listener::take_next() {
  constexpr size_t kMany = 16;
  const std::lock_guard lock(mutex_);
  const auto waiting = catalog_.recordings_to_hear(0, kMany);
  if (!waiting) {
    log_error("cannot look for recordings", kv("error", waiting.error().message));
    return std::nullopt;
  }
  for (const store::Recording& recording : *waiting) {
    if (under_way_.contains(recording.id)) continue;
    under_way_[recording.id] = 0;
    return recording;
  }
  return std::nullopt;
}

Result<audio::Analysis> Listener::analyse(const store::Recording& recording,
                                          const std::stop_token& stop) {
  audio::SourceHints hints{.raw = {}, .for_analysis = true};
  if (recording.format == "raw") {
    audio::RawFormat raw;
    raw.encoding = audio::raw_encoding(recording.encoding).value_or(raw.encoding);
    raw.channels = static_cast<int>(recording.channels.value_or(1));
    raw.sample_rate_hz = static_cast<int>(recording.sample_rate_hz.value_or(raw.sample_rate_hz));
    hints.raw = raw;
  }
  auto source = TRY(audio::open_source(object_bytes(TRY(objects_.get(recording.key))), hints));
  audio::AnalysisOptions options;
  options.settings = options_.settings;
  options.peaks = true;
  if (recording.agent_channel) options.agent_channel = static_cast<int>(*recording.agent_channel);
  const auto tell = [&](double share) {
    const std::lock_guard lock(mutex_);
    under_way_[recording.id] = share;
  };
  return audio::analyse(*source, options, tell, stop);
}

void Listener::hear(const store::Recording& recording, const std::stop_token& stop) {
  store::SavedAnalysis row;
  const auto before = catalog_.analysis(recording.project, recording.id);
  if (before && before.value()) row = *before.value();
  row.recording = recording.id;
  row.project = recording.project;
  row.call = recording.call;
  row.agent = recording.agent;
  row.started = recording.started.is_set() ? recording.started : recording.created;
  row.state = store::AnalysisState::kRunning;
  ++row.attempts;  // written first: a recording that makes us crash is not tried for ever
  const auto put = [&] {
    return catalog_.write(
        [&](store::Transaction& transaction) { return transaction.put_analysis(row); });
  };
  auto result = put();
  const auto started = clock_.steady();
  if (result) {
    auto analysis = analyse(recording, stop);
    if (!analysis && stop.stop_requested()) {
      --row.attempts;
      (void)put().has_value();
      return;
    }
    result = analysis ? keep(recording, *analysis, row) : Result<void>(analysis.error());
  }
  if (!result) {
    row.state = store::AnalysisState::kFailed;
    row.error = result.error().message;
  }
  if (const auto written = put(); !written) {
    log_error("cannot save what was heard", kv("recording", recording.id),
              kv("error", written.error().message));
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - started);
  log_info("recording analysed", kv("recording", recording.id), kv("call", recording.call),
           kv("ms", took.count()), kv("error", row.error));
  if (options_.on_heard) options_.on_heard(recording);
}

Result<void> Listener::keep(const store::Recording& recording, audio::Analysis& analysis,
                            store::SavedAnalysis& row) {
  if (analysis.peaks) {
    auto writer = TRY(objects_.put(store::peaks_key(recording.key)));
    TRY(writer->write(audio::encode_peaks(std::move(*analysis.peaks))));
    TRY(writer->commit());
  }
  row.facts = audio::to_json(analysis);
  row.heard_ms = pack_heard(analysis);
  row.state = store::AnalysisState::kDone;
  row.error.clear();
  return {};
}

std::string pack_heard(const audio::Analysis& analysis) {
  std::string text;
  for (const audio::Turn& turn : analysis.turn_taking.turns) {
    if (!turn.response_latency_s) continue;
    if (!text.empty()) text += ',';
    text += std::to_string(std::llround(*turn.response_latency_s * 1e3));
  }
  return text;
}

std::vector<model::Measure> unpack_heard(std::string_view text) {
  std::vector<model::Measure> heard;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int64_t ms = 0;
    const auto [next, error] = std::from_chars(at, end, ms);
    if (error != std::errc()) break;
    heard.emplace_back(ms);
    at = next + 1;
  }
  return heard;
}

}  // namespace callscope::listen
