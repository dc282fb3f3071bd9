#include "serve/sign_ins.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "store/catalog/password.h"

namespace callscope::serve {
namespace {

constexpr std::chrono::minutes kRemembered{5};
// Of tries at once: each keeps a worker for a tenth of a second.
constexpr int kWaitingMax = 8;

SignIns::Refusal too_many(std::chrono::seconds wait) {
  return {{ErrorCode::kResourceExhausted,
           fmt::format("too many sign-ins failed: try again in {} s", wait.count())},
          wait};
}

}  // namespace

FailureCounts::Place& FailureCounts::place_of(std::string_view who) {
  return places_[std::hash<std::string_view>()(who) % places_.size()];
}

std::chrono::seconds FailureCounts::begin(std::string_view who) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady();
  Place& place = place_of(who);
  if (place.until <= now) place = {now + kRemembered, 0};
  if (place.failures >= max_) return std::chrono::ceil<std::chrono::seconds>(place.until - now);
  ++place.failures;
  return std::chrono::seconds(0);
}

void FailureCounts::forgive(std::string_view who) {
  const std::lock_guard lock(mutex_);
  Place& place = place_of(who);
  place.failures = std::max(place.failures - 1, 0);
}

std::variant<store::User, SignIns::Refusal> SignIns::check(std::string_view name,
                                                           std::string_view password,
                                                           std::string_view address) {
  const std::string who = lower_case(name);
  for (const auto wait : {addresses_.begin(address), names_.begin(who)}) {
    if (wait.count() > 0) return too_many(wait);
  }
  if (++waiting_ > kWaitingMax) {
    --waiting_;
    return too_many(std::chrono::seconds(1));
  }
  const auto found = store::user_of_name(catalog_, name);
  bool is_right = false;
  {
    const std::lock_guard turn(hashing_);
    const bool is_known = found && *found;
    const std::string& hash = is_known ? (*found)->password_hash : store::hash_of_no_password();
    is_right = store::is_password(password, hash) && is_known;
  }
  --waiting_;
  if (!found) return Refusal{found.error()};
  if (!is_right) {
    return Refusal{{ErrorCode::kUnauthenticated, "the name or the password is wrong", "password"}};
  }
  addresses_.forgive(address);
  names_.forgive(who);
  return (*found)->user;
}

}  // namespace callscope::serve
