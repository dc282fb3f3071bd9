// Multipart forms, in pieces whose size the first byte gives.
#include <cstddef>
#include <cstdint>

#include "http/form.h"

namespace {

class Ignore : public callscope::http::FormParts {
 public:
  callscope::Result<void> begin(const callscope::http::FormPart&) override { return {}; }
  callscope::Result<void> write(std::string_view) override { return {}; }
  callscope::Result<void> end() override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = data[0] + 1u;
  std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Ignore parts;
  callscope::http::MultipartParser parser("X", {.parts_max = 8, .part_header_bytes_max = 64},
                                          parts);
  while (!body.empty() && parser.write(body.substr(0, step)))
    body.remove_prefix(std::min(step, body.size()));
  (void)parser.finish().has_value();
  (void)callscope::http::parse_urlencoded(body, {}).has_value();
  return 0;
}
