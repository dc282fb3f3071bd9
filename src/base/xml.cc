#include "base/xml.h"

namespace callscope {

std::optional<std::string_view> take_element(std::string_view xml, size_t& at,
                                             std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  const size_t begin = xml.find(open, at);
  if (begin == std::string_view::npos) return std::nullopt;
  const size_t body = begin + open.size();
  const size_t end = xml.find(close, body);
  if (end == std::string_view::npos) return std::nullopt;
  at = end + close.size();
  return xml.substr(body, end - body);
}

std::string_view element(std::string_view xml, std::string_view name) {
  size_t at = 0;
  return take_element(xml, at, name).value_or(std::string_view());
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

}  // namespace callscope
