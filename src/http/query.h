// Percent-encoding and query strings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callscope::http {

// In a query a '+' stands for a blank; in a path it stands for itself.
enum class PlusMeans { kPlus, kBlank };

// nullopt for a '%' that two hex digits do not follow, and for an encoded NUL.
std::optional<std::string> percent_decode(std::string_view text, PlusMeans plus);

// For a name or a value of a query.
std::string percent_encode(std::string_view text);

// The decoded parameters of a query string, in order; a name may come more than once.
class Query {
 public:
  // From the part behind the '?'. nullopt where percent_decode says so.
  static std::optional<Query> parse(std::string_view text);

  // The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const;

  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }
  size_t size() const { return parameters_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace callscope::http
