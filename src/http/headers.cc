#include "http/headers.h"

#include <algorithm>

#include "base/text.h"
#include "http/split.h"

namespace callscope::http {
namespace {

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether the parameters behind a list element, such as "; q=0.0", give it no weight at all.
bool weighs_nothing(std::string_view parameters) {
  const size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  std::string_view weight = trim(parameters.substr(q + 2));
  return !weight.empty() && weight[0] == '0' &&
         weight.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower_case(x) == lower_case(y);
         });
}

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  add(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    std::string_view parameters = take_until(list, ',');
    const std::string_view name = take_until(parameters, ';');
    if (equal_ignoring_case(trim(name), token)) return !weighs_nothing(parameters);
  }
  return false;
}

std::string media_type(std::string_view content_type) {
  return lower_case(trim(take_until(content_type, ';')));
}

std::optional<std::string> header_parameter(std::string_view header, std::string_view name) {
  const auto skip_blanks = [&](size_t at) {
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    return at;
  };
  size_t at = header.find(';');
  while (at < header.size()) {
    at = skip_blanks(at + 1);
    const size_t name_end = std::min(header.find_first_of("=;", at), header.size());
    std::string_view key = header.substr(at, name_end - at);
    while (key.ends_with(' ')) key.remove_suffix(1);
    at = name_end;
    std::string value;
    if (at < header.size() && header[at] == '=') {
      at = skip_blanks(at + 1);
      if (at < header.size() && header[at] == '"') {
        for (++at; at < header.size() && header[at] != '"'; ++at) {
          // Browsers write a quote as %22 and a backslash as itself, others escape both.
          const bool escapes = header[at] == '\\' && at + 1 < header.size() &&
                               (header[at + 1] == '"' || header[at + 1] == '\\');
          if (escapes) ++at;
          value += header[at];
        }
        at = header.find(';', at);
      } else {
        const size_t end = header.find(';', at);
        value = header.substr(at, end - at);
        while (value.ends_with(' ')) value.pop_back();
        at = end;
      }
    }
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace callscope::http
