// Which of two channels is the agent's, by what sets a machine's voice apart in a recording.
#pragma once

#include <span>

#include "audio/health.h"
#include "audio/settings.h"
#include "audio/turn_taking.h"

namespace callscope::audio {

// What is known of one channel.
struct ChannelVoice {
  std::vector<Interval> talkspurts;
  double noise_db = -120;      // between talkspurts; -120 is digital silence
  double level_spread_db = 0;  // how much the level of its talkspurts differs, a standard deviation
};

// `stated` wins; `voices` has two entries, or there is nothing to choose from.
AgentChannel choose_agent_channel(std::span<const ChannelVoice> voices, std::optional<int> stated);

}  // namespace callscope::audio
