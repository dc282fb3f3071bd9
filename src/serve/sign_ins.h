// Whether a name and a password are somebody's, asked no oftener than a person would: whoever fails
// too often, under one name or from one address, has to wait.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog/users.h"

namespace callscope::serve {

// Counts what failed within a while. Thread-safe. Takes the same memory whatever is tried: names
// that share a place, one in four thousand, share its count.
class FailureCounts {
 public:
  FailureCounts(const Clock& clock, int failures_max) : clock_(clock), max_(failures_max) {}

  // Counts a try as failed until forgive(). Returns how long to wait where there were too many.
  std::chrono::seconds begin(std::string_view who);
  void forgive(std::string_view who);

 private:
  struct Place {
    std::chrono::steady_clock::time_point until{};  // when its failures are forgotten
    int failures = 0;
  };
  Place& place_of(std::string_view who);

  const Clock& clock_;
  const int max_;
  std::mutex mutex_;
  std::array<Place, 4096> places_{};  // guarded by mutex_
};

class SignIns {
 public:
  SignIns(store::Catalog& catalog, const Clock& clock)
      : catalog_(catalog), names_(clock, 10), addresses_(clock, 50) {}

  struct Refusal {
    Error error;
    std::chrono::seconds wait{0};  // before another try; 0: none
  };
  // The user, or why not: kUnauthenticated for a wrong name or password, with the same words,
  // kResourceExhausted after too many.
  std::variant<store::User, Refusal> check(std::string_view name, std::string_view password,
                                           std::string_view address);

 private:
  store::Catalog& catalog_;
  FailureCounts names_;
  FailureCounts addresses_;
  std::atomic<int> waiting_ = 0;
  std::mutex hashing_;  // one at a time: each takes 64 MiB
};

}  // namespace callscope::serve
