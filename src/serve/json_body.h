// The body of a POST: one JSON object, read as strictly as Params reads a query.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace callscope::serve {

class JsonBody {
 public:
  // kInvalidArgument where the body is no JSON object.
  static Result<JsonBody> parse(const http::Request& request);

  // Whether it has that member, be it null.
  bool has(std::string_view name) const { return object_.contains({name.data(), name.size()}); }

  // Each reads one member; absent (or null), or of the wrong type and noted, it is nullopt.
  std::optional<std::string> text(std::string_view name);
  std::optional<int64_t> id(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);

  // Notes that a member will not do. The first note counts.
  void refuse(std::string_view name, std::string_view why);

  // The first error, or the first member that nobody asked for.
  Result<void> done();

 private:
  const boost::json::value* find(std::string_view name);

  boost::json::object object_;
  std::vector<std::string_view> known_;  // views of the callers' literals
  std::optional<Error> error_;
};

}  // namespace callscope::serve
