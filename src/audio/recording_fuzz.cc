// Bytes that claim to be a recording: opened, analysed as far as two seconds, read as WAV.
#include <cstdint>
#include <string_view>

#include "audio/analysis.h"
#include "audio/analysis_json.h"
#include "audio/wav_stream.h"
#include "base/check.h"

// libsndfile 1.2.0 does not release what it has read of a Vorbis header whose rest is broken.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:vorbis_info_init\n"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callscope;
  using namespace callscope::audio;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto source = open_source(memory_bytes(bytes), {.raw = {}, .for_analysis = true});
  if (!source) return 0;
  AnalysisOptions options{.agent_channel = 1, .peaks = true};
  options.settings.duration_s_max = 2;
  const auto analysis = analyse(**source, options);
  if (analysis) {
    const std::string json = to_json(*analysis);
    const auto again = analysis_from_json(json);
    CHECK(again && again->segments.size() == analysis->segments.size(),
          "what was written reads back");
    CHECK(decode_peaks(encode_peaks(*analysis->peaks)).has_value(), "peaks read back");
  }
  auto reopened = open_source(memory_bytes(bytes));
  if (!reopened) return 0;
  auto wav = WavStream::open(std::move(*reopened));
  if (!wav) return 0;
  for (const uint64_t offset : {uint64_t{0}, uint64_t{43}, wav->size() / 2, wav->size()}) {
    const auto part = wav->read(offset, 1000);
    CHECK(!part || part->size() <= 1000, "no more than was asked for");
  }
  return 0;
}
