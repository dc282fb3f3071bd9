#include "receive/s3/complete_request.h"

#include <fmt/format.h>

#include <charconv>

#include "base/xml.h"
#include "receive/s3/error.h"
#include "receive/s3/uploads.h"

namespace callscope::receive::s3 {
namespace {

std::string_view trimmed(std::string_view text, std::string_view what) {
  while (text.starts_with(what)) text.remove_prefix(what.size());
  while (text.ends_with(what)) text.remove_suffix(what.size());
  return text;
}

}  // namespace

Result<std::vector<CompletedPart>> parse_complete_request(std::string_view xml) {
  const Error malformed = error("MalformedXML", "the body is no CompleteMultipartUpload");
  const size_t root = xml.find("<CompleteMultipartUpload");
  if (root == std::string_view::npos) return malformed;
  std::vector<CompletedPart> parts;
  size_t at = root;
  while (const auto element = take_element(xml, at, "Part")) {
    size_t from = 0;
    const auto number_text = take_element(*element, from, "PartNumber");
    from = 0;
    const auto etag = take_element(*element, from, "ETag");
    if (!number_text || !etag) return malformed;
    CompletedPart part;
    const std::string_view digits = trimmed(*number_text, " ");
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), part.number);
    if (code != std::errc() || end != digits.data() + digits.size()) return malformed;
    if (part.number < 1 || part.number > kPartNumberMax)
      return error("InvalidPart", fmt::format("there is no part {}", part.number));
    part.etag = trimmed(trimmed(trimmed(*etag, "&quot;"), "&#34;"), "\"");
    if (!parts.empty() && part.number <= parts.back().number)
      return error("InvalidPartOrder", "the parts must be listed by rising numbers");
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return malformed;
  return parts;
}

}  // namespace callscope::receive::s3
