#include "calls/price_table.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <string>

#include "base/text.h"
#include "calls/match_rule.h"

namespace callscope::calls {
namespace {

namespace json = boost::json;

constexpr double kMicrosecondsPerHour = 3600e6;

constexpr PriceUnitName kUnitNames[] = {
    {"input_mtok", PriceUnit::kInputTokens, 1e6},
    {"output_mtok", PriceUnit::kOutputTokens, 1e6},
    {"cache_read_mtok", PriceUnit::kCacheReadTokens, 1e6},
    {"cache_write_mtok", PriceUnit::kCacheWriteTokens, 1e6},
    {"input_audio_mtok", PriceUnit::kAudioInputTokens, 1e6},
    {"output_audio_mtok", PriceUnit::kAudioOutputTokens, 1e6},
    {"cache_audio_read_mtok", PriceUnit::kAudioCacheReadTokens, 1e6},
    {"output_reasoning_mtok", PriceUnit::kReasoningTokens, 1e6},
    {"audio_hours", PriceUnit::kAudioHours, kMicrosecondsPerHour},
    {"input_audio_hours", PriceUnit::kAudioHours, kMicrosecondsPerHour},
    {"output_audio_hours", PriceUnit::kAudioOutputHours, kMicrosecondsPerHour},
    {"input_mchars", PriceUnit::kCharacters, 1e6},
    {"requests_kcount", PriceUnit::kRequests, 1e3},
    {"session_hours", PriceUnit::kSessionHours, kMicrosecondsPerHour},
};

Error wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Result<std::string> text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_string()) return wrong("a text is missing: " + std::string(name));
  return std::string(value->get_string());
}

const json::array* list_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_array() : nullptr;
}

Result<double> price_of(const json::value& value) {
  double price = -1;
  if (value.is_double())
    price = value.get_double();
  else if (value.is_int64())
    price = static_cast<double>(value.get_int64());
  if (!(price >= 0 && price <= kPriceUsdMax))
    return wrong("a price is a number of USD from 0 to 1000000");
  return price;
}

Result<UnitPrice> parse_unit_price(const json::value& value, double scale) {
  UnitPrice price;
  if (!value.is_object()) {
    price.base = TRY(price_of(value)) * scale;
    return price;
  }
  const json::value* base = value.get_object().if_contains("base");
  if (!base) return wrong("a price in tiers has a base");
  price.base = TRY(price_of(*base)) * scale;
  if (const json::array* tiers = list_of(value.get_object(), "tiers")) {
    for (const auto& tier : *tiers) {
      const json::array* parts = tier.if_array();
      if (!parts || parts->size() != 2 || !parts->front().is_int64()) {
        return wrong("a tier is [input tokens, price]");
      }
      price.tiers.push_back({parts->front().get_int64(), TRY(price_of(parts->back())) * scale});
    }
  }
  std::sort(price.tiers.begin(), price.tiers.end(), [](const auto& a, const auto& b) {
    return a.above_input_tokens < b.above_input_tokens;
  });
  return price;
}

// "16:30" as the time since midnight.
Result<DurationNs> parse_time_of_day(const json::value& value) {
  const json::string* text = value.if_string();
  const auto digit = [&](size_t i) { return (*text)[i] - '0'; };
  if (!text || text->size() != 5 || (*text)[2] != ':') return wrong("a time of day is HH:MM");
  const int minutes = (digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4);
  if (minutes < 0 || minutes >= 24 * 60) return wrong("a time of day is HH:MM");
  return DurationNs::from_s(minutes * 60);
}

Result<ModelPrices::Period> parse_period(const json::value& value) {
  if (!value.is_object()) return wrong("a price is an object with rates");
  const json::object& object = value.get_object();
  ModelPrices::Period period;
  if (const json::value* from = object.if_contains("from")) {
    const json::string* text = from->if_string();
    period.from = text ? parse_time(*text) : std::nullopt;
    if (!period.from) return wrong("\"from\" is a day such as 2026-08-21");
  }
  if (const json::array* hours = list_of(object, "hours")) {
    if (hours->size() != 2) return wrong("\"hours\" are two times of day");
    period.time_of_day = {TRY(parse_time_of_day(hours->front())),
                          TRY(parse_time_of_day(hours->back()))};
  }
  const json::value* rates = object.if_contains("rates");
  if (!rates || !rates->is_object()) return wrong("a price has rates");
  for (const auto& [name, rate] : rates->get_object()) {
    const PriceUnitName* const unit = find_price_unit(name);
    if (unit == nullptr) return wrong("no such unit: " + std::string(name));
    period.rates[static_cast<size_t>(unit->unit)] =
        TRY(parse_unit_price(rate, unit->nano_usd_per_usd()));
  }
  return period;
}

struct Model {
  std::string id;
  MatchRule match;
  ModelPrices prices;
  std::string url;
  std::string verified;
};

Result<Model> parse_model(const json::value& value) {
  if (!value.is_object()) return wrong("a model is an object");
  const json::object& object = value.get_object();
  const json::value* match = object.if_contains("match");
  const json::array* prices = list_of(object, "prices");
  if (!match || !prices || prices->empty()) return wrong("a model has a match rule and prices");
  std::vector<ModelPrices::Period> periods;
  for (const auto& price : *prices) periods.push_back(TRY(parse_period(price)));
  return Model{.id = text_of(object, "id").value_or(""),
               .match = TRY(MatchRule::parse(*match)),
               .prices = ModelPrices(std::move(periods)),
               .url = text_of(object, "source").value_or(""),
               .verified = text_of(object, "verified").value_or("")};
}

struct Provider {
  std::string id;
  std::vector<std::string> aliases;
  std::optional<MatchRule> match;
  std::optional<MatchRule> model_match;
  std::vector<std::string> fallback;  // providers whose models this one resells at their price
  std::vector<Model> models;

  const ModelPrices* find(std::string_view model) const {
    for (const Model& candidate : models) {
      if (candidate.match.matches(model)) return &candidate.prices;
    }
    return nullptr;
  }
};

Result<Provider> parse_provider(const json::value& value) {
  if (!value.is_object()) return wrong("a provider is an object");
  const json::object& object = value.get_object();
  Provider provider;
  provider.id = lower_case(TRY(text_of(object, "id")));
  for (const auto& [member, into] :
       {std::pair("aliases", &provider.aliases), std::pair("fallback", &provider.fallback)}) {
    const json::array* names = list_of(object, member);
    if (!names) continue;
    for (const auto& name : *names) {
      if (name.is_string()) into->push_back(lower_case(name.get_string()));
    }
  }
  for (const auto& [member, into] :
       {std::pair("match", &provider.match), std::pair("model_match", &provider.model_match)}) {
    if (const json::value* rule = object.if_contains(member)) *into = TRY(MatchRule::parse(*rule));
  }
  const json::array* models = list_of(object, "models");
  if (!models) return wrong("a provider has models");
  for (const auto& model : *models) {
    auto parsed = parse_model(model);
    if (!parsed) {
      return std::move(parsed).error().within(
          fmt::format("model {} of {}", provider.models.size() + 1, provider.id));
    }
    provider.models.push_back(std::move(parsed).value());
  }
  return provider;
}

// "gpt-5.2-20251211", as routers write it, as "gpt-5.2-2025-12-11", as vendors do. Empty where the
// name has no such date.
std::string with_dashed_date(std::string_view model) {
  const auto is_digits = [&](size_t from) {
    return from + 8 <= model.size() &&
           std::all_of(model.begin() + static_cast<ptrdiff_t>(from),
                       model.begin() + static_cast<ptrdiff_t>(from) + 8,
                       [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  for (size_t dash = model.find("-20"); dash != std::string_view::npos;
       dash = model.find("-20", dash + 1)) {
    const size_t end = dash + 9;
    if (!is_digits(dash + 1)) continue;
    if (end != model.size() && model[end] != '-' && model[end] != ':') continue;
    return fmt::format("{}-{}-{}{}", model.substr(0, dash + 5), model.substr(dash + 5, 2),
                       model.substr(dash + 7, 2), model.substr(end));
  }
  return {};
}

}  // namespace

std::span<const PriceUnitName> price_units() { return kUnitNames; }

const PriceUnitName* find_price_unit(std::string_view name) {
  const auto* unit = std::find_if(std::begin(kUnitNames), std::end(kUnitNames),
                                  [&](const PriceUnitName& known) { return known.name == name; });
  return unit == std::end(kUnitNames) ? nullptr : unit;
}

bool ModelPrices::Period::holds(TimeNs at) const {
  if (from && at < *from) return false;
  if (!time_of_day) return true;
  constexpr int64_t kDay = 86'400'000'000'000;
  const DurationNs now{((at.ns % kDay) + kDay) % kDay};
  const auto& [start, end] = *time_of_day;
  return end < start ? now >= start || now < end : now >= start && now < end;
}

const Rates& ModelPrices::at(TimeNs time) const {
  for (auto period = periods_.rbegin(); period != periods_.rend(); ++period) {
    if (period->holds(time)) return period->rates;
  }
  return periods_.front().rates;
}

struct PriceTable::Contents {
  std::vector<Provider> providers;

  const Provider* by_id(std::string_view id) const {
    for (const Provider& provider : providers) {
      if (provider.id == id || std::find(provider.aliases.begin(), provider.aliases.end(), id) !=
                                   provider.aliases.end()) {
        return &provider;
      }
    }
    return nullptr;
  }

  const Provider* by_name(std::string_view name) const {
    if (const Provider* provider = by_id(name)) return provider;
    for (const Provider& provider : providers) {
      if (provider.match && provider.match->matches(name)) return &provider;
    }
    return nullptr;
  }

  const Provider* by_model(std::string_view model) const {
    for (const Provider& provider : providers) {
      if (provider.model_match && provider.model_match->matches(model)) return &provider;
    }
    return nullptr;
  }

  const ModelPrices* find(const Provider& provider, std::string_view model) const {
    if (const ModelPrices* prices = provider.find(model)) return prices;
    for (const std::string& id : provider.fallback) {
      const Provider* other = by_id(id);
      if (const ModelPrices* prices = other ? other->find(model) : nullptr) return prices;
    }
    return nullptr;
  }
};

PriceTable::PriceTable(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
PriceTable::PriceTable(PriceTable&&) noexcept = default;
PriceTable& PriceTable::operator=(PriceTable&&) noexcept = default;
PriceTable::~PriceTable() = default;

Result<PriceTable> PriceTable::parse(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error) return wrong("prices are not JSON: " + error.message());
  const json::array* providers =
      parsed.is_object() ? list_of(parsed.get_object(), "providers") : nullptr;
  if (!providers) return wrong("prices have no list of providers");
  auto contents = std::make_unique<Contents>();
  for (const auto& provider : *providers)
    contents->providers.push_back(TRY(parse_provider(provider)));
  return PriceTable(std::move(contents));
}

std::vector<ListedModel> PriceTable::list() const {
  std::vector<ListedModel> all;
  for (const Provider& provider : contents_->providers) {
    for (const Model& model : provider.models)
      all.push_back({provider.id, model.id, model.prices, model.url, model.verified});
  }
  return all;
}

const ModelPrices* PriceTable::find(std::string_view provider_name,
                                    std::string_view model_name) const {
  const std::string model = lower_case(model_name);
  const Provider* provider = provider_name.empty() ? contents_->by_model(model)
                                                   : contents_->by_name(lower_case(provider_name));
  if (!provider || model.empty()) return nullptr;
  if (const ModelPrices* prices = contents_->find(*provider, model)) return prices;
  const std::string dashed = with_dashed_date(model);
  return dashed.empty() ? nullptr : contents_->find(*provider, dashed);
}

}  // namespace callscope::calls
