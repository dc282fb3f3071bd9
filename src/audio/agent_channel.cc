#include "audio/agent_channel.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

// In natural logarithms of odds. A synthetic voice has no room around it: where one channel is
// silent to the last bit between words and the other is not, that decides. The rest are habits.
constexpr double kDigitalSilence = 2.5;
constexpr double kQuieterByDb = 15;
constexpr double kQuieter = 1.0;
constexpr double kSpeaksFirst = 0.9;  // agents greet
constexpr double kEvenLevel = 0.5;    // a synthetic voice keeps its level
constexpr double kTalksMore = 0.4;
constexpr double kSecondChannel = 0.3;  // recorders that mix for us put the agent second
constexpr double kDigitalSilenceDb = -85;

double speech_s(const ChannelVoice& voice) {
  double sum = 0;
  for (const Interval& spurt : voice.talkspurts) sum += spurt.length_s();
  return sum;
}

// Positive where `a` is the more agent-like of the two.
double odds(const ChannelVoice& a, const ChannelVoice& b) {
  double sum = 0;
  const auto vote = [&](double weight, bool for_a, bool for_b) {
    if (for_a != for_b) sum += for_a ? weight : -weight;
  };
  const bool both_speak = !a.talkspurts.empty() && !b.talkspurts.empty();
  if (!both_speak) {
    vote(kSpeaksFirst, !a.talkspurts.empty(), !b.talkspurts.empty());
    return sum;
  }
  const auto is_digital = [](const ChannelVoice& voice, const ChannelVoice& beside) {
    return voice.noise_db <= kDigitalSilenceDb && voice.noise_db + kQuieterByDb <= beside.noise_db;
  };
  vote(kDigitalSilence, is_digital(a, b), is_digital(b, a));
  vote(kQuieter, a.noise_db + kQuieterByDb <= b.noise_db, b.noise_db + kQuieterByDb <= a.noise_db);
  vote(kSpeaksFirst, a.talkspurts.front().start_s < b.talkspurts.front().start_s,
       b.talkspurts.front().start_s < a.talkspurts.front().start_s);
  if (std::min(a.talkspurts.size(), b.talkspurts.size()) >= 4) {
    vote(kEvenLevel, a.level_spread_db + 1 < b.level_spread_db,
         b.level_spread_db + 1 < a.level_spread_db);
  }
  vote(kTalksMore, speech_s(a) > 1.3 * speech_s(b), speech_s(b) > 1.3 * speech_s(a));
  return sum;
}

}  // namespace

AgentChannel choose_agent_channel(std::span<const ChannelVoice> voices, std::optional<int> stated) {
  AgentChannel agent;
  const bool speech = std::any_of(voices.begin(), voices.end(),
                                  [](const ChannelVoice& v) { return !v.talkspurts.empty(); });
  if (voices.size() == 2 && speech) {
    const double second = odds(voices[1], voices[0]) + kSecondChannel;
    agent.found = second > 0 ? 1 : 0;
    agent.confidence = 1 / (1 + std::exp(-std::fabs(second)));
  }
  if (stated) {
    agent.channel = stated;
    agent.choice = ChannelChoice::kStated;
  } else if (agent.found) {
    agent.channel = agent.found;
    agent.choice = ChannelChoice::kFound;
  }
  return agent;
}

}  // namespace callscope::audio
