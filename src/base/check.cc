#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace callscope {

void check_failed(const char* file, int line, const char* condition, const char* expected) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: expected %s\n", file, line, condition, expected);
  std::fflush(stderr);
  std::abort();
}

}  // namespace callscope
