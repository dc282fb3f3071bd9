// One table of list prices, read from JSON (docs/calls.md, "Prices"): which rates hold for a
// provider's model at a time. The format and its rules are those of genai-prices.
#pragma once

#include <array>
#include <memory>
#include <optional>
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
  explicit ModelPrices(std::vector<Period> periods) : periods_(std::move(periods)) {}

  // The last period that holds, or the first where none does.
  const Rates& at(TimeNs time) const;

 private:
  std::vector<Period> periods_;  // never empty
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

 private:
  struct Contents;
  explicit PriceTable(std::unique_ptr<Contents> contents);

  std::unique_ptr<Contents> contents_;
};

}  // namespace callscope::calls
