// Three panels that others publish, computed from our event list by their rules (docs/audio.md).
#pragma once

#include "audio/metrics.h"

namespace callscope::audio {

TauVoice tau_voice_panel(const Talk& talk, const TurnTaking& turn_taking, const Settings& settings);
Eva eva_panel(const TurnTaking& turn_taking, const Settings& settings,
              const MetricsContext& context);
// Uses the latencies and interruptions of `metrics`.
Hosted hosted_panel(const Talk& talk, const TurnTaking& turn_taking, const Settings& settings,
                    const Metrics& metrics);

}  // namespace callscope::audio
