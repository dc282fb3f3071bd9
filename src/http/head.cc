#include "http/head.h"

#include <fmt/format.h>

#include <ctime>
#include <iterator>

namespace callscope::http {
namespace {

// "Sat, 21 Nov 2026 15:00:00 GMT", made once a second in each thread.
std::string_view date() {
  static thread_local time_t made_for = 0;
  static thread_local std::string text;
  const time_t now = time(nullptr);
  if (now != made_for) {
    tm parts{};
    gmtime_r(&now, &parts);
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    text = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                       kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                       parts.tm_sec);
    made_for = now;
  }
  return text;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') out.push_back(c);
  }
  out += "\r\n";
}

}  // namespace

void append_head(std::string& out, const Response& response, const Framing& framing) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.{} {} {}\r\n", framing.http_1_1 ? 1 : 0,
                 response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  append_field(out, "Date", date());
  const bool may_have_body =
      response.status >= 200 && response.status != 204 && response.status != 304;
  if (may_have_body) {
    if (framing.content_length) {
      append_field(out, "Content-Length", fmt::format_int(*framing.content_length).c_str());
    } else if (framing.http_1_1) {
      append_field(out, "Transfer-Encoding", "chunked");
    }
  }
  if (framing.persistence == Persistence::kClose) {
    append_field(out, "Connection", "close");
  } else if (!framing.http_1_1) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
}

}  // namespace callscope::http
