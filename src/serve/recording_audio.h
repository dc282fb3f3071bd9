// The bytes of a recording as they are sent: as they came, or decoded to WAV on the way for formats
// that browsers do not play.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/body_source.h"
#include "store/catalog/rows.h"
#include "store/objects/objects.h"

namespace callscope::serve {

struct RecordingAudio {
  std::string content_type;
  std::shared_ptr<http::BodySource> source;
  bool is_decoded = false;
};

// Whether browsers play it as it is.
bool is_playable(const store::Recording& recording);

RecordingAudio original_audio(const store::Recording& recording,
                              std::shared_ptr<const store::ObjectReader> object);
// The original where it is playable, else 16-bit WAV.
Result<RecordingAudio> playable_audio(const store::Recording& recording,
                                      std::shared_ptr<const store::ObjectReader> object);

}  // namespace callscope::serve
