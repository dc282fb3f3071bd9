// What is read back from storage: an analysis as JSON, and waveform peaks.
#include <cstdint>
#include <string_view>

#include "audio/analysis_json.h"
#include "audio/peaks.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callscope::audio;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto analysis = analysis_from_json(bytes))
    CHECK(!to_json(*analysis).empty(), "it can be written");
  if (const auto peaks = decode_peaks(bytes)) {
    CHECK(encode_peaks(*peaks).size() <= bytes.size(), "peaks take what they took");
  }
  (void)peak_level(bytes, 0);
  (void)peak_level(bytes, kPeakLevels - 1);
  return 0;
}
