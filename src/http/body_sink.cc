#include "http/body_sink.h"

#include <fmt/format.h>

namespace callscope::http {
namespace {

class KeepingSink final : public BodySink {
 public:
  KeepingSink(size_t bytes_max, std::function<void(std::string, Responder)> done)
      : bytes_max_(bytes_max), done_(std::move(done)) {}

  Result<void> write(std::string_view bytes) override {
    if (bytes.size() > bytes_max_ - body_.size()) {
      return Error{ErrorCode::kTooLarge, fmt::format("the body has more than {} bytes", bytes_max_),
                   ""};
    }
    body_ += bytes;
    return {};
  }

  Result<void> finish(Responder responder) override {
    done_(std::move(body_), std::move(responder));
    return {};
  }

 private:
  const size_t bytes_max_;
  const std::function<void(std::string, Responder)> done_;
  std::string body_;
};

}  // namespace

std::unique_ptr<BodySink> keep_body(size_t bytes_max,
                                    std::function<void(std::string body, Responder)> done) {
  return std::make_unique<KeepingSink>(bytes_max, std::move(done));
}

}  // namespace callscope::http
