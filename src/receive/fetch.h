// Fetches a file over HTTP from an address that somebody else named.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

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

}  // namespace callscope::receive
