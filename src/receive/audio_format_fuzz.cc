// Files of audio, in pieces whose size the first byte gives.
#include <cstddef>
#include <cstdint>

#include "receive/audio_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = data[0] + 1u;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  callscope::receive::AudioSniffer sniffer(
      (data[0] & 1) != 0 ? std::optional(callscope::receive::RawFormat{
                               callscope::receive::SampleEncoding::kS16Le, 8'000, 1})
                         : std::nullopt);
  while (!bytes.empty() && sniffer.write(bytes.substr(0, step)))
    bytes.remove_prefix(std::min(step, bytes.size()));
  (void)sniffer.finish().has_value();
  return 0;
}
