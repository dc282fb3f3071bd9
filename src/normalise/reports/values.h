// Members of a JSON body: what is there, of whatever type, without throwing.
#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "normalise/texts/json_text.h"

namespace callscope::normalise::reports {

namespace json = boost::json;
using texts::array_of;
using texts::as_text;
using texts::first_of;
using texts::object_of;
using texts::string_of;

std::string_view trimmed(std::string_view text);
// A whole text that is a decimal number.
std::optional<double> number_in(std::string_view text);
// A finite number, or a string that is one.
std::optional<double> number_of(const json::value* value);
std::optional<bool> flag_of(const json::value* value);

// The member of that name, with null as if it were not there.
const json::value* member(const json::object& object, std::string_view name);
// Its text: a string as it is, a number as JSON; empty for anything else.
std::string text_of(const json::object& object, std::string_view name);
// The first of several that has a text.
std::string text_of(const json::object& object, std::initializer_list<std::string_view> names);
const json::object* object_in(const json::object& object, std::string_view name);
const json::array* array_in(const json::object& object, std::string_view name);

// "list", "str", "int", …: the type as the documented errors spell it.
std::string_view type_name(const json::value& value);

}  // namespace callscope::normalise::reports
