#include "serve/whole_call.h"

#include "serve/agent_names.h"
#include "serve/call_audio.h"
#include "serve/call_json.h"
#include "serve/recording_json.h"

namespace callscope::serve {

Result<std::string> whole_call(const Services& services, const model::CallSummary& saved) {
  calls::WholeCall whole = TRY(services.calls.read_whole(saved));
  const CallAudio heard = TRY(add_audio(services, whole));
  const AgentNames agents = TRY(AgentNames::load(services.catalog, saved.project));
  const auto recordings = TRY(services.catalog.recordings_of_call(saved.project, saved.id));
  std::string out;
  append_call(out, whole.call, agents, services.clock.now(), heard.heard);
  out.back() = ',';  // the call's bracket closes behind what belongs to its recordings
  out += R"("recordings":)";
  append_recordings(out, services, saved.id, recordings);
  out += fmt::format(R"(,"audio":{},"clock":{}}})", heard.audio, heard.clock);
  return out;
}

}  // namespace callscope::serve
