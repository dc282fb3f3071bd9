// CHECK: for our own bugs, on in production. Says what was expected and stops the process; the
// write-ahead log is replayed on the next start. Never on anything a user or a peer can send.
#pragma once

namespace callscope {

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const char* expected);

}  // namespace callscope

#define CHECK(condition, expected)                                         \
  do {                                                                     \
    if (!(condition)) [[unlikely]]                                         \
      ::callscope::check_failed(__FILE__, __LINE__, #condition, expected); \
  } while (false)
