// Header fields in the order in which they came. Names compare without regard to case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callscope::http {

bool equal_ignoring_case(std::string_view a, std::string_view b);

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  // Replaces every field of that name.
  void set(std::string_view name, std::string_view value);

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  // The same, empty where there is none.
  std::string_view get(std::string_view name) const {
    return find(name).value_or(std::string_view());
  }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Whether a comma-separated list such as Connection or Accept-Encoding names `token` and does not
// give it q=0.
bool lists_token(std::string_view list, std::string_view token);

// The media type of a Content-Type without its parameters, in lower case: "application/json".
std::string media_type(std::string_view content_type);

// A parameter of a header such as Content-Type or Content-Disposition, without its quotes:
// header_parameter(R"(form-data; name="a")", "name") is "a".
std::optional<std::string> header_parameter(std::string_view header, std::string_view name);

}  // namespace callscope::http
