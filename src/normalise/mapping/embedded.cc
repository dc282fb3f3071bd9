// The order of the table: a span belongs to the first framework that detects it, so that the
// generic ones come last. A file named here is also in src/CMakeLists.txt's folder of files to
// embed.
#include "base/check.h"
#include "normalise/mapping/rules.h"

#define CALLSCOPE_MAPPING_FILES(FILE)                                                          \
  FILE(providers)                                                                              \
  FILE(shared) FILE(pipecat) FILE(livekit) FILE(oi_pipecat) FILE(openinference) FILE(langfuse) \
      FILE(adk) FILE(vercel7) FILE(vercel) FILE(pydantic_ai) FILE(logfire) FILE(traceloop)     \
          FILE(otel_contrib) FILE(livekit_scope_lost) FILE(cekura) FILE(genai) FILE(generic)

namespace callscope::embedded {
#define CALLSCOPE_DECLARE(name) std::string_view name();
CALLSCOPE_MAPPING_FILES(CALLSCOPE_DECLARE)
#undef CALLSCOPE_DECLARE
}  // namespace callscope::embedded

namespace callscope::normalise::mapping {

const std::vector<MappingFile>& embedded_files() {
#define CALLSCOPE_ENTRY(name) {#name ".json", callscope::embedded::name()},
  static const std::vector<MappingFile> files = {CALLSCOPE_MAPPING_FILES(CALLSCOPE_ENTRY)};
#undef CALLSCOPE_ENTRY
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
