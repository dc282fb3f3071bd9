// Speaks HTTP to an address that somebody else named: fetches a file from it, or posts to it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "receive/address_rules.h"

namespace callscope::receive {

struct FetchOptions {
  const AddressRules& addresses;
  int64_t bytes_max = 0;
  int64_t ms_max = 0;
  const std::atomic<bool>& stopping;  // ends it early
};

// Passes on the body of a 200, after redirects, each of which is checked like the first address. An
// error of `out` ends it and is returned. kPermissionDenied for an address that is not allowed,
// kUnavailable where trying again may help, another code where it can't.
Result<void> fetch(const std::string& url, const FetchOptions& options,
                   const std::function<Result<void>(std::string_view bytes)>& out);

struct PostOptions {
  const AddressRules& addresses;
  int64_t ms_max = 0;
  const std::atomic<bool>& stopping;  // ends it early
};

// Posts once, follows no redirect and reads no answer but its status, which is returned whatever it
// is. Errors as of fetch(); none of them holds more of the URL than its host, nor a header.
Result<int> post(const std::string& url,
                 const std::vector<std::pair<std::string, std::string>>& headers,
                 std::string_view body, const PostOptions& options);

}  // namespace callscope::receive
