// What every endpoint of the API has in common: who asks, about which project, how its parameters
// are read and how its errors look.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/router.h"
#include "serve/api.h"
#include "serve/params.h"

namespace callscope::serve {

class JsonBody;

// What a key must be allowed to.
enum class Needs { kRead, kWrite, kAdmin };

// One request, once it is known who asks.
struct Question {
  const http::Request& request;
  Params& params;  // the endpoint reads all it knows and then calls params.done()
  receive::Identity caller;
  ProjectId project;  // which it is about: the key's own, or another where an administrator asks
};

using Endpoint = std::function<Result<http::Response>(const Services&, Question&)>;

void add_endpoint(http::Router& router, const Services& services, std::string method,
                  std::string pattern, Needs needs, Endpoint endpoint);

// Whom the headers of a request name: by an API key, or by the cookie of a session.
Result<receive::Identity> identify(const Services& services, const http::Request& request);
// kPermissionDenied where the key may not do that.
Result<void> require(Needs needs, const receive::Identity& caller);
// The project that a request is about, by its parameter "project_id".
Result<ProjectId> project_of(Params& params, const receive::Identity& caller);
// The project that a body names, else that of the key. Another one takes an administrator. Ends the
// reading of the body.
Result<ProjectId> project_in_body(const Services& services, const Question& question,
                                  JsonBody& body);
// The project of the path's {id}: the key's own, or any for an administrator.
Result<ProjectId> project_in_path(const Services& services, const Question& question);

// 200, or `status`, with `json`, which no cache shall keep.
http::Response answer(std::string json);
http::Response answer(int status, std::string json);

// {"items": [...], "next": cursor|null}
class PageWriter {
 public:
  // Where the next item goes, behind the comma that it needs.
  std::string& item() {
    if (!std::exchange(is_first_, false)) out_ += ',';
    return out_;
  }
  std::string finish(const std::optional<std::string>& next = std::nullopt) &&;

 private:
  std::string out_ = R"({"items":[)";
  bool is_first_ = true;
};

// Pages of a list that is in memory as a whole: the cursor is a position in it.
struct Slice {
  size_t begin = 0;
  size_t end = 0;
  std::optional<std::string> next;
};
// Reads "limit" and "cursor"; slice() then cuts a list of `size` items.
class Paging {
 public:
  Paging(Params& params, LimitRange range);
  Slice slice(size_t size) const;

 private:
  size_t limit_;
  size_t begin_ = 0;
};

// One page of `all`; `append_item(std::string& out, const T&)` writes each item.
template <typename T, typename AppendItem>
http::Response page_of(const std::vector<T>& all, const Paging& paging, AppendItem append_item) {
  const Slice slice = paging.slice(all.size());
  PageWriter page;
  for (size_t i = slice.begin; i < slice.end; ++i) append_item(page.item(), all[i]);
  return answer(std::move(page).finish(slice.next));
}

Error not_found(std::string_view what);
// An id of the route's pattern. kInvalidArgument naming it where it is none.
Result<int64_t> path_id(const http::Request& request, std::string_view name);
Result<TraceId> path_trace_id(const http::Request& request);

}  // namespace callscope::serve
