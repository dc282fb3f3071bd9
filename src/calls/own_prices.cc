#include "calls/own_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "calls/cut_text.h"

namespace callscope::calls {
namespace {

namespace json = boost::json;

// More than anybody keeps by hand, and few enough to be looked through for each new model.
constexpr size_t kRowsMax = 500;
constexpr size_t kPatternBytesMax = 200;

Error wrong(std::string field, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("{} {}", field, why), field};
}

// As an error names it, however long a sender made it.
std::string name_of(std::string_view key) {
  constexpr size_t kNameBytesMax = 80;
  return std::string(cut_text(key, kNameBytesMax));
}

bool is_pattern(std::string_view text) {
  const std::string_view inner = text.size() < 3 ? "" : text.substr(1, text.size() - 2);
  return text.size() <= kPatternBytesMax && inner.find('*') == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
}

bool matches(std::string_view pattern, std::string_view name) {
  const bool is_open_before = pattern.starts_with('*');
  if (is_open_before) pattern.remove_prefix(1);
  const bool is_open_behind = pattern.ends_with('*');
  if (is_open_behind) pattern.remove_suffix(1);
  if (is_open_before && is_open_behind) return name.find(pattern) != std::string_view::npos;
  if (is_open_before) return pattern.empty() || name.ends_with(pattern);
  return is_open_behind ? name.starts_with(pattern) : name == pattern;
}

bool matches(const OwnPrice& row, std::string_view provider, std::string_view model) {
  return (row.provider.empty() || matches(row.provider, provider)) && matches(row.model, model);
}

Result<OwnPrice> parse_row(const json::value& value, const std::string& where) {
  if (!value.is_object()) return wrong(where, "must be an object");
  OwnPrice row;
  bool has_price = false;
  for (const auto& [key, member] : value.get_object()) {
    const std::string field = fmt::format("{}.{}", where, name_of(key));
    std::string* const text = key == "provider" ? &row.provider
                              : key == "model"  ? &row.model
                              : key == "unit"   ? &row.unit
                                                : nullptr;
    if (text != nullptr) {
      if (!member.is_string()) return wrong(field, "must be a string");
      *text = text == &row.unit ? std::string(member.get_string())
                                : lower_case(std::string_view(member.get_string()));
    } else if (key == "usd") {
      boost::system::error_code error;
      row.usd = member.to_number<double>(error);
      has_price = !error && row.usd >= 0 && row.usd <= kPriceUsdMax;
    } else {
      return wrong(field, "is not a member of a price");
    }
  }
  if (row.model.empty()) return wrong(where + ".model", "must be a string that is not empty");
  for (const auto& [name, pattern] :
       {std::pair(".provider", &row.provider), std::pair(".model", &row.model)}) {
    if (!is_pattern(*pattern)) {
      return wrong(where + name, fmt::format("has up to {} bytes, and * only where it begins or "
                                             "ends",
                                             kPatternBytesMax));
    }
  }
  if (find_price_unit(row.unit) == nullptr) {
    std::string names;
    for (const PriceUnitName& known : price_units())
      names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
    return wrong(where + ".unit", "must be one of " + names);
  }
  if (!has_price)
    return wrong(where + ".usd", fmt::format("must be a number from 0 to {}", kPriceUsdMax));
  return row;
}

}  // namespace

Result<OwnPrices> OwnPrices::parse(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse({text.data(), text.size()}, error);
  if (error || !parsed.is_object()) return wrong("body", "must be a JSON object");
  const json::object& object = parsed.get_object();
  for (const auto& member : object) {
    if (member.key() != "own") return wrong(name_of(member.key()), "is not a member of this body");
  }
  const json::value* const list = object.if_contains("own");
  if (list == nullptr || !list->is_array()) return wrong("own", "must be a list of prices");
  if (list->get_array().size() > kRowsMax)
    return wrong("own", fmt::format("has more than {} prices", kRowsMax));
  OwnPrices own;
  for (const json::value& value : list->get_array()) {
    const std::string where = fmt::format("own[{}]", own.rows_.size());
    OwnPrice row = TRY(parse_row(value, where));
    const bool is_double =
        std::any_of(own.rows_.begin(), own.rows_.end(), [&](const OwnPrice& other) {
          return other.provider == row.provider && other.model == row.model &&
                 other.unit == row.unit;
        });
    if (is_double) return wrong(where + ".unit", "is priced twice for the same model");
    own.rows_.push_back(std::move(row));
  }
  return own;
}

bool OwnPrices::has(std::string_view provider, std::string_view model) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [&](const OwnPrice& row) { return matches(row, provider, model); });
}

bool OwnPrices::lay_over(std::string_view provider, std::string_view model, Rates& rates) const {
  std::array<bool, kPriceUnitCount> is_set{};
  for (const OwnPrice& row : rows_) {
    if (!matches(row, provider, model)) continue;
    const PriceUnitName& unit = *find_price_unit(row.unit);
    const auto at = static_cast<size_t>(unit.unit);
    if (std::exchange(is_set[at], true)) continue;
    rates[at] = UnitPrice{.base = row.usd * unit.nano_usd_per_usd(), .tiers = {}};
  }
  return std::find(is_set.begin(), is_set.end(), true) != is_set.end();
}

}  // namespace callscope::calls
