// The order of the table: a span belongs to the first framework that detects it, so the generic
// ones come last. Each file of this folder is named here twice.
#include "base/check.h"
#include "normalise/mapping/rules.h"

namespace callscope::embedded {

std::string_view providers();
std::string_view shared();
std::string_view pipecat();
std::string_view livekit();
std::string_view oi_pipecat();
std::string_view openinference();
std::string_view langfuse();
std::string_view adk();
std::string_view vercel7();
std::string_view vercel();
std::string_view pydantic_ai();
std::string_view logfire();
std::string_view traceloop();
std::string_view otel_contrib();
std::string_view livekit_scope_lost();
std::string_view cekura();
std::string_view genai();
std::string_view generic();

}  // namespace callscope::embedded

namespace callscope::normalise::mapping {

const std::vector<MappingFile>& embedded_files() {
  static const std::vector<MappingFile> files = {
      {"providers.json", callscope::embedded::providers()},
      {"shared.json", callscope::embedded::shared()},
      {"pipecat.json", callscope::embedded::pipecat()},
      {"livekit.json", callscope::embedded::livekit()},
      {"oi_pipecat.json", callscope::embedded::oi_pipecat()},
      {"openinference.json", callscope::embedded::openinference()},
      {"langfuse.json", callscope::embedded::langfuse()},
      {"adk.json", callscope::embedded::adk()},
      {"vercel7.json", callscope::embedded::vercel7()},
      {"vercel.json", callscope::embedded::vercel()},
      {"pydantic_ai.json", callscope::embedded::pydantic_ai()},
      {"logfire.json", callscope::embedded::logfire()},
      {"traceloop.json", callscope::embedded::traceloop()},
      {"otel_contrib.json", callscope::embedded::otel_contrib()},
      {"livekit_scope_lost.json", callscope::embedded::livekit_scope_lost()},
      {"cekura.json", callscope::embedded::cekura()},
      {"genai.json", callscope::embedded::genai()},
      {"generic.json", callscope::embedded::generic()},
  };
  return files;
}

const Mapping& embedded() {
  static const Mapping* const mapping = [] {
    auto loaded = load(embedded_files());
    CHECK(loaded, loaded.error().message.c_str());
    return std::move(loaded).value().release();
  }();
  return *mapping;
}

}  // namespace callscope::normalise::mapping
