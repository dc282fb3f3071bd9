// Result<T>: a value or an Error, shaped like std::expected (which gcc 12 lacks in C++20).
// A dropped Result does not compile. TRY passes an error up:
//
//   Result<int> twice(std::string_view s) {
//     int n = TRY(parse(s));
//     return 2 * n;
//   }
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace callscope {

// What callers branch on; people read the message.
enum class ErrorCode {
  kInvalidArgument,    // the input is wrong and will stay wrong
  kUnauthenticated,    // no key, or a key that is not valid
  kPermissionDenied,   // a valid key that may not do this
  kNotFound,           // no such thing in this project
  kConflict,           // it exists already, or was changed meanwhile
  kUnsupported,        // a content type, encoding or feature we do not speak
  kTooLarge,           // over a stated limit
  kResourceExhausted,  // full for the moment; worth retrying
  kUnavailable,        // shutting down, or a disk that refuses; worth retrying
  kDataLoss,           // bytes that came back from the disk are not what was written
  kInternal,           // anything else
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string field = {};  // the header, parameter or member at fault; empty where there is none

  // The same error with a few words of context in front.
  Error within(std::string_view context) && {
    message.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }
};

// Names as our API and logs spell them, such as "invalid_argument".
std::string_view to_string(ErrorCode code);

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  T value_or(T fallback) && { return has_value() ? std::move(*this).value() : std::move(fallback); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const {}
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace callscope

// Evaluates to the value of a Result, or returns its error from the enclosing function. In a
// coroutine, co_await first and TRY the result on the next line. The counter names the local, so
// that one TRY may stand within the argument of another.
#define TRY(expression) CALLSCOPE_TRY_COUNTED(expression, __COUNTER__)
#define CALLSCOPE_TRY_COUNTED(expression, counter) CALLSCOPE_TRY_NAMED(expression, counter)
#define CALLSCOPE_TRY_NAMED(expression, counter)                 \
  __extension__({                                                \
    auto try_##counter = (expression);                           \
    if (!try_##counter) return std::move(try_##counter).error(); \
    std::move(try_##counter).value();                            \
  })
