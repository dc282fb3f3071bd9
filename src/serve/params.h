// Query parameters, read strictly: a value that does not parse, a parameter that is there twice and
// one that nobody asked for are errors that name it.
//
//   Params params(request.query);
//   query.agent = params.id("agent_id");
//   query.limit = params.limit(kItems);
//   TRY(params.done());   // the first error, if there was one
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "http/query.h"
#include "store/span_store.h"

namespace callscope::serve {

struct LimitRange {
  int64_t standard = 0;
  int64_t most = 0;
};

class Params {
 public:
  // `query` must outlive this.
  explicit Params(const http::Query& query) : query_(query), is_known_(query.size()) {}

  // Each reads one parameter; absent, or broken and noted, it is nullopt or the default.
  std::optional<std::string> text(std::string_view name);
  std::optional<int64_t> id(std::string_view name);  // a whole number above 0
  std::optional<bool> flag(std::string_view name);
  std::optional<DurationNs> milliseconds(std::string_view name);
  std::optional<TimeNs> time(std::string_view name);
  store::TimeRange time_range();   // "from" and "to"
  size_t limit(LimitRange range);  // "limit"
  // A length such as "30s", "15m", "1h" or "7d"; a bare number is seconds.
  std::optional<DurationNs> interval(std::string_view name);
  // All of "prefix.KEY=VALUE", as KEY and VALUE.
  std::vector<std::pair<std::string, std::string>> keyed(std::string_view prefix);
  // Every value of a parameter that may come more than once.
  std::vector<std::string> all(std::string_view name);

  // One of the words that `parse` knows.
  template <typename T, typename Parse>
  T word(std::string_view name, T standard, Parse parse) {
    const auto given = text(name);
    if (!given) return standard;
    if (auto parsed = parse(*given)) return *parsed;
    refuse(name, "is none of the values it may have");
    return standard;
  }

  // Marks a parameter as known without reading it.
  void ignore(std::string_view name);

  // Notes that the value of a parameter will not do. The first note counts.
  void refuse(std::string_view name, std::string_view why);

  Result<void> done();

 private:
  const http::Query& query_;
  std::vector<bool> is_known_;  // by position in query_
  std::optional<Error> error_;
};

}  // namespace callscope::serve
