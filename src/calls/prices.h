// What model use costs: looks up list prices and multiplies them with what a span measured.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calls/price_table.h"
#include "model/facts.h"

namespace callscope::calls {

// All price tables, the operator's own first, then speech services, then language models; the
// first that knows a model has the say. Immutable: any number of threads may read.
class Prices {
 public:
  // The tables in this binary. `own` is the operator's table as JSON, empty for none;
  // kInvalidArgument says what is wrong with it.
  static Result<Prices> load(std::string_view own = {});

  // nullptr where the model is unknown. Slow; see PriceCache.
  const ModelPrices* find(std::string_view provider, std::string_view model) const;

 private:
  std::vector<PriceTable> tables_;
};

// The cost of one operation by its measured use; absent where nothing that is priced was measured.
// Tokens of a class that has a price of its own cost that, others the price of the class they are
// part of.
model::Measure cost_nano_usd(const Rates& rates, const model::SpanFacts& facts);

// Remembers lookups. For one thread; `prices` must outlive it.
class PriceCache {
 public:
  explicit PriceCache(const Prices& prices) : prices_(&prices) {}

  // nullptr where the model is unknown.
  const ModelPrices* find(std::string_view provider, std::string_view model);

  // Sets the cost of a billable operation that did not report one. `when` picks among dated prices.
  void complete(model::SpanFacts& facts, TimeNs when);

 private:
  struct Entry {
    std::string provider;
    std::string model;
    const ModelPrices* prices;
  };
  // Senders choose these names, so what is remembered is bounded.
  static constexpr size_t kEntriesMax = 4096;

  const Prices* prices_;
  std::unordered_multimap<size_t, Entry> entries_;  // by the hash of both names
};

}  // namespace callscope::calls
