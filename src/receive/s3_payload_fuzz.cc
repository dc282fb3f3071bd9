// Bodies in aws-chunked framing, and lists of parts.
#include <cstddef>
#include <cstdint>

#include "receive/s3/complete_request.h"
#include "receive/s3/payload.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callscope;
  using namespace callscope::receive::s3;
  if (size < 2) return 0;
  const size_t step = data[0] + 1u;
  std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)parse_complete_request(body).has_value();
  http::Request request;
  request.headers = {{"x-amz-decoded-content-length", std::to_string(data[1])},
                     {"x-amz-trailer", "x-amz-checksum-crc32"}};
  Authorized authorized;
  authorized.request.payload_hash = (data[0] & 1) != 0 ? "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
                                                       : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  auto payload = Payload::open(request, std::move(authorized), 200);
  if (!payload) return 0;
  size_t out = 0;
  while (!body.empty()) {
    const auto written = payload->write(body.substr(0, step), [&](std::string_view piece) {
      out += piece.size();
      return Result<void>();
    });
    if (!written) return 0;
    body.remove_prefix(std::min(step, body.size()));
  }
  (void)payload->finish().has_value();
  if (out > 200) __builtin_trap();
  return 0;
}
