// Access to Boost.JSON values that never throws: what is not there is null, empty or not a string.
#pragma once

#include <boost/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace callscope::normalise::texts {

// The tree of `text`, or nullopt where it is not JSON or nested too deeply to be anyone's messages.
std::optional<boost::json::value> parse_json(std::string_view text);

std::string_view string_of(const boost::json::value* value);
// The first of `names` that `object` has and that is not null.
const boost::json::value* first_of(const boost::json::object& object,
                                   std::initializer_list<std::string_view> names);
const boost::json::object* object_of(const boost::json::value* value);
const boost::json::array* array_of(const boost::json::value* value);

// A string as it is, anything else as JSON; empty for null and for nothing.
std::string as_text(const boost::json::value* value);

}  // namespace callscope::normalise::texts
