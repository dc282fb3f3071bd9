// Bodies that are handled while they arrive, in bounded memory: recordings, uploads, forms with
// files.
//
//   router.add_streamed("PUT", "/things/{id}", [&](const Request& request) { return open(request);
//   },
//                       {.body_bytes_max = 1u << 30});
//
// All calls of one request come one after the other, on threads that may wait for a disk. While a
// piece is written the next one is read, and no further one: a slow sink slows the sender down.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/responder.h"

namespace callscope::http {

class BodySink {
 public:
  // Without finish() the request failed or its sender went: what was written is to be forgotten.
  virtual ~BodySink() = default;

  // Takes the next bytes, unpacked. An error ends the request: it is the answer, and no more is
  // read.
  virtual Result<void> write(std::string_view bytes) = 0;

  // The body has come in full. Answers, at once or later; an error is the answer where it did not.
  virtual Result<void> finish(Responder responder) = 0;
};

// Called when the head of a request is there and was admitted, before "100 Continue" is sent. An
// error is the answer and the body is not read. The request outlives the sink.
using OpenBody = std::function<Result<std::unique_ptr<BodySink>>(const Request& request)>;

// A sink that keeps the body, kTooLarge beyond `bytes_max`, and hands it to `done`.
std::unique_ptr<BodySink> keep_body(size_t bytes_max,
                                    std::function<void(std::string body, Responder)> done);

}  // namespace callscope::http
