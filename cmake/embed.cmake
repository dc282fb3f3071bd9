# callscope_embed(TARGET FILE...): puts the bytes of each file into TARGET, to be had as
#
#   namespace callscope::embedded { std::string_view llm_prices(); }   // of …/llm_prices.json
#
# The user declares that function itself. The bytes live as long as the process.
function(callscope_embed target)
  foreach(file ${ARGN})
    get_filename_component(path ${file} ABSOLUTE)
    get_filename_component(symbol ${file} NAME_WE)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}_${symbol}.cc)
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [=[
#include <string_view>

asm(".section .rodata\n"
    ".balign 16\n"
    "callscope_embedded_@symbol@:\n"
    ".incbin \"@path@\"\n"
    "callscope_embedded_@symbol@_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char callscope_embedded_@symbol@[];
extern const char callscope_embedded_@symbol@_end[];
}

namespace callscope::embedded {
std::string_view @symbol@();
std::string_view @symbol@() {
  return {callscope_embedded_@symbol@,
          static_cast<size_t>(callscope_embedded_@symbol@_end - callscope_embedded_@symbol@)};
}
}  // namespace callscope::embedded
]=])
    set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${path} SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE ${source})
  endforeach()
endfunction()
