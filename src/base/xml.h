// The little of XML that S3 needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callscope {

// What is within the first element of that name at or behind `at`, which moves behind it. For
// elements without attributes that have none of their own name within them; entities stay as they
// are.
std::optional<std::string_view> take_element(std::string_view xml, size_t& at,
                                             std::string_view name);
// The same for the first one of all; empty where there is none.
std::string_view element(std::string_view xml, std::string_view name);

// Text as it stands within an element.
std::string xml_escape(std::string_view text);

}  // namespace callscope
