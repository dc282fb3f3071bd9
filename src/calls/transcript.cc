#include "calls/transcript.h"

namespace callscope::calls {

std::vector<Exchange> find_exchanges(const std::vector<model::Utterance>& transcript) {
  std::vector<Exchange> exchanges;
  for (size_t i = 0; i < transcript.size(); ++i) {
    const model::Role role = transcript[i].role;
    if (role == model::Role::kSystem) continue;
    const bool is_caller = role == model::Role::kCaller;
    const bool begins =
        exchanges.empty() ||
        (is_caller && (!exchanges.back().agent.empty() || !exchanges.back().tools.empty()));
    if (begins) exchanges.emplace_back();
    Exchange& exchange = exchanges.back();
    (is_caller                     ? exchange.caller
     : role == model::Role::kAgent ? exchange.agent
                                   : exchange.tools)
        .push_back(i);
  }
  return exchanges;
}

model::ReportedWait wait_of(const std::vector<model::Utterance>& transcript,
                            const Exchange& exchange) {
  using model::ReportedWait;
  ReportedWait wait;
  const auto fill = [&](size_t i) {
    for (const auto part : {&ReportedWait::total_us, &ReportedWait::endpointing_us,
                            &ReportedWait::stt_us, &ReportedWait::llm_us, &ReportedWait::tts_us}) {
      if (!(wait.*part)) wait.*part = transcript[i].wait.*part;
    }
  };
  for (const size_t i : exchange.agent) fill(i);
  for (auto i = exchange.caller.rbegin(); i != exchange.caller.rend(); ++i) fill(*i);
  return wait;
}

}  // namespace callscope::calls
