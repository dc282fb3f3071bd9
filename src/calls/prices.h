// What model use costs: looks up list prices and multiplies them with what a span measured.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "calls/own_prices.h"
#include "calls/price_table.h"
#include "model/facts.h"

namespace callscope::calls {

// All price tables, the operator's own first, then speech services, then language models; the
// first that knows a model has the say. Over it lie the prices that a project has set. Thread-safe.
class Prices {
 public:
  // The tables in this binary. `own` is the operator's table as JSON, empty for none;
  // kInvalidArgument says what is wrong with it.
  static Result<Prices> load(std::string_view own = {});

  // nullptr where the model is unknown. Slow; see PriceCache.
  const ModelPrices* find(std::string_view provider, std::string_view model) const;
  // The same for a project, its own prices laid over.
  std::shared_ptr<const ModelPrices> find(ProjectId project, std::string_view provider,
                                          std::string_view model) const;

  struct Table {
    bool is_in_binary = true;  // else the operator's
    PriceTable table;
  };
  const std::vector<Table>& tables() const { return tables_; }

  // In place of what the project had set, from the next look-up on.
  void set_own(ProjectId project, OwnPrices own);
  std::shared_ptr<const OwnPrices> own(ProjectId project) const;  // never null
  // Rises with each set_own().
  uint64_t version() const { return own_->version.load(std::memory_order_acquire); }

 private:
  struct Own {
    mutable std::mutex mutex;
    std::unordered_map<ProjectId, std::shared_ptr<const OwnPrices>> of;  // guarded by mutex
    std::atomic<uint64_t> version = 0;
  };
  std::vector<Table> tables_;
  std::unique_ptr<Own> own_ = std::make_unique<Own>();
};

// The cost of one operation by its measured use; absent where nothing that is priced was measured.
// Tokens of a class that has a price of its own cost that, others the price of the class they are
// part of.
model::Measure cost_nano_usd(const Rates& rates, const model::SpanFacts& facts);

// Remembers lookups. For one thread; `prices` must outlive it.
class PriceCache {
 public:
  explicit PriceCache(const Prices& prices) : prices_(&prices) {}

  // nullptr where the model is unknown. Good until the next call.
  const ModelPrices* find(ProjectId project, std::string_view provider, std::string_view model);

  // Sets the cost of a billable operation that did not report one. `when` picks among dated prices.
  void complete(ProjectId project, model::SpanFacts& facts, TimeNs when);

 private:
  struct Entry {
    std::string provider;
    std::string model;
    ProjectId project;
    std::shared_ptr<const ModelPrices> prices;
  };
  // Senders choose these names, so what is remembered is bounded.
  static constexpr size_t kEntriesMax = 4096;

  const Prices* prices_;
  uint64_t version_ = 0;                            // of what is remembered
  std::unordered_multimap<size_t, Entry> entries_;  // by the hash of both names
};

}  // namespace callscope::calls
