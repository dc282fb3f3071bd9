// Requests as handlers see them, and responses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/headers.h"
#include "http/query.h"

namespace callscope::http {

struct Peer {
  std::string address;
  uint16_t port = 0;
  bool is_loopback = false;  // on this machine, as far as the socket can tell
};

struct Request {
  std::string method;
  std::string path;  // decoded; "/a%2Fb" and "/a/b" read the same here, but route differently
  Query query;
  Headers headers;
  std::string body;  // unpacked
  Peer peer;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the route's pattern, decoded

  // The value of a parameter of the route's pattern; empty where it has no such.
  std::string_view parameter(std::string_view name) const;
};

// Bytes that are handed over: a string of its own, or bytes that many responses share.
class Body {
 public:
  Body() = default;
  Body(std::string bytes) : own_(std::move(bytes)) {}
  Body(const char* bytes) : own_(bytes) {}
  // Bytes that outlive every response, such as those embedded in the program.
  static Body lasting(std::string_view bytes);
  static Body shared(std::shared_ptr<const std::string> bytes);

  std::string_view view() const { return is_own_ ? std::string_view(own_) : outside_; }
  size_t size() const { return view().size(); }

 private:
  std::string own_;
  bool is_own_ = true;
  std::string_view outside_;
  std::shared_ptr<const std::string> keeper_;
};

class BodySource;

struct Response {
  int status = 200;
  Headers headers;
  Body body;
  // In place of `body`: bytes that are read while they are sent. Of the source the part from
  // source_begin on; apply_range() sets it (ranges.h).
  std::shared_ptr<BodySource> source = {};
  uint64_t source_begin = 0;
  std::optional<uint64_t> source_end = {};  // absent: to the end

  static Response json(int status, Body body);
  static Response text(int status, Body body);
  static Response empty(int status);
  static Response streamed(std::string_view content_type, std::shared_ptr<BodySource> source);

  uint64_t body_bytes() const;  // that are to be sent
};

// The status that stands for an error of ours.
int status_of(ErrorCode code);

// {"error": {"code", "message", "field"}}, with Retry-After where retrying is worth it.
Response error_response(const Error& error);
Response error_response(int status, std::string_view code, std::string_view message,
                        std::string_view field = {});

std::string_view reason_phrase(int status);

}  // namespace callscope::http
