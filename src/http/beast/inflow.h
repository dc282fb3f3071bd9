// A request whose body is streamed: its sink behind its decoder.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "http/coding.h"
#include "http/router.h"

namespace callscope::http {

// Nothing in it throws: what does, in the sink, becomes the error.
class Inflow {
 public:
  Inflow(const Route& route, const Request& request, Coding coding)
      : route_(route),
        request_(request),
        decoder_(coding, coding == Coding::kIdentity ? route.options.body_bytes_max
                                                     : route.options.unpacked_bytes_max) {}

  void open() {
    guarded([&]() -> Result<void> {
      sink_ = TRY(route_.open(request_));
      return {};
    });
  }
  void write(std::string_view bytes) {
    guarded([&] {
      return decoder_.write(bytes, [&](std::string_view piece) { return sink_->write(piece); });
    });
  }
  // `responder` is not used where there is an error.
  void finish(const Responder& responder) {
    guarded([&]() -> Result<void> {
      if (has_body_) TRY(decoder_.finish());
      return sink_->finish(responder);
    });
  }
  void drop() {
    guarded([&]() -> Result<void> {
      sink_.reset();
      return {};
    });
  }
  void expect_body() { has_body_ = true; }

  const std::optional<Error>& error() const { return error_; }

 private:
  template <typename Step>
  void guarded(Step step) {
    try {
      auto done = step();
      if (!done && !error_) error_ = std::move(done).error();
    } catch (const std::exception& error) {
      log_error("handler threw", kv("route", route_.pattern), kv("what", error.what()));
      error_ = Error{ErrorCode::kInternal, "the server failed to answer; its log says why"};
    }
  }

  const Route& route_;
  const Request& request_;
  StreamDecoder decoder_;
  std::unique_ptr<BodySink> sink_;
  bool has_body_ = false;
  std::optional<Error> error_;
};

}  // namespace callscope::http
