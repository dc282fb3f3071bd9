// One table of list prices, read from JSON (docs/calls.md, "Prices"): which rates hold for a
// provider's model at a time. The format and its rules are those of genai-prices.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace callscope::calls {

// What a rate is for. Tokens and characters are priced by the million, audio and sessions by the
// hour, requests by the thousand.
enum class PriceUnit : uint8_t {
  kInputTokens,
  kOutputTokens,
  kCacheReadTokens,
  kCacheWriteTokens,
  kAudioInputTokens,
  kAudioOutputTokens,
  kAudioCacheReadTokens,
  kReasoningTokens,
  kAudioHours,        // transcribed; of a speech model also audio in and out
  kAudioOutputHours,  // synthesised
  kCharacters,
  kRequests,
  kSessionHours,
};
inline constexpr size_t kPriceUnitCount = static_cast<size_t>(PriceUnit::kSessionHours) + 1;

// A unit as the tables name it, and how many of the smallest one of it is. Two names may mean the
// same: the first is the one to write.
struct PriceUnitName {
  std::string_view name;
  PriceUnit unit;
  double per;

  constexpr double nano_usd_per_usd() const { return 1e9 / per; }
};
std::span<const PriceUnitName> price_units();
// nullptr for a name that is none.
const PriceUnitName* find_price_unit(std::string_view name);

// The bound keeps products with counts well within an int64 of nano-USD.
inline constexpr int kPriceUsdMax = 1'000'000;

// A price in nano-USD for one token, character, request or microsecond.
struct UnitPrice {
  struct Tier {
    int64_t above_input_tokens;
    double price;
  };
  double base = 0;
  // Ascending. A cliff: with more input tokens than a threshold all of a request's tokens cost
  // that.
  std::vector<Tier> tiers;

  double at(int64_t input_tokens) const {
    double price = base;
    for (const Tier& tier : tiers) {
      if (input_tokens > tier.above_input_tokens) price = tier.price;
    }
    return price;
  }
};

// Absent where a unit is not priced by itself.
using Rates = std::array<std::optional<UnitPrice>, kPriceUnitCount>;

// The prices of one model over time.
class ModelPrices {
 public:
  struct Period {
    std::optional<TimeNs> from;                                    // absent: always
    std::optional<std::pair<DurationNs, DurationNs>> time_of_day;  // UTC, may pass midnight
    Rates rates;

    bool holds(TimeNs at) const;
  };
  const std::vector<Period>& periods() const { return periods_; }

  explicit ModelPrices(std::vector<Period> periods) : periods_(std::move(periods)) {}

  // The last period that holds, or the first where none does.
  const Rates& at(TimeNs time) const;

 private:
  std::vector<Period> periods_;  // never empty
};

// What a table says of one model, for people.
struct ListedModel {
  std::string_view provider;
  std::string_view model;
  const ModelPrices& prices;
  std::string_view url;       // of the page that it was read from; empty where that is not said
  std::string_view verified;  // the day it was
};

class PriceTable {
 public:
  static Result<PriceTable> parse(std::string_view json);
  PriceTable(PriceTable&&) noexcept;
  PriceTable& operator=(PriceTable&&) noexcept;
  ~PriceTable();

  // nullptr where the model is unknown. An empty provider is found by the model where its provider
  // claims such names; a provider that is not in the table has no prices, whatever its model is
  // called. Slow (it walks match rules): callers keep the answer, which lives as long as the table.
  const ModelPrices* find(std::string_view provider, std::string_view model) const;

  // In the order of the table. Views live as long as it does.
  std::vector<ListedModel> list() const;

 private:
  struct Contents;
  explicit PriceTable(std::unique_ptr<Contents> contents);

  std::unique_ptr<Contents> contents_;
};

}  // namespace callscope::calls
