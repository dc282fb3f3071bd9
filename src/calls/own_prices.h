// A project's own prices, laid over the list prices unit by unit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calls/price_table.h"

namespace callscope::calls {

struct OwnPrice {
  std::string provider;  // a pattern; empty: any
  std::string model;     // a pattern; "*": any, and use whose model nobody said
  std::string unit;      // as in the tables, such as "input_mtok"
  double usd = 0;        // for one of that unit
};

// Patterns are names without regard to case, with a "*" at either end or at both.
class OwnPrices {
 public:
  // {"own": [{"provider", "model", "unit", "usd"}, …]}. kInvalidArgument names the member at fault,
  // such as "own[2].usd".
  static Result<OwnPrices> parse(std::string_view json);

  const std::vector<OwnPrice>& rows() const { return rows_; }
  bool has(std::string_view provider, std::string_view model) const;
  // Sets what the first row that matches says of each unit. Returns whether one did.
  bool lay_over(std::string_view provider, std::string_view model, Rates& rates) const;

 private:
  std::vector<OwnPrice> rows_;
};

}  // namespace callscope::calls
