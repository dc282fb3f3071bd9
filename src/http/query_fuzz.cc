// What a request's target and headers are read with: percent-encoding, query strings, routing,
// lists in headers.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/router.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callscope::http;
  static const Router* const router = [] {
    auto* r = new Router;
    for (const char* pattern : {"/", "/a", "/a/{id}", "/a/{id}/b/{other}", "/slash/"}) {
      r->add("GET", pattern, [](Request, Responder) {});
    }
    return r;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto query = Query::parse(text)) {
    for (const auto& [name, value] : *query)
      CHECK(name.size() + value.size() <= size, "decoding makes nothing longer");
  }
  if (const auto match = router->find("GET", text); match && match->route != nullptr) {
    for (const auto& [name, value] : match->parameters)
      CHECK(!value.empty(), "a parameter matches something");
  }
  lists_token(text, "gzip");
  CHECK(media_type(text).size() <= size, "trimming makes nothing longer");
  return 0;
}
