// The content of one page, decompressed only as far as somebody wants to read it.
#pragma once

// For ZSTD_d_stableOutBuffer.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <memory>
#include <string_view>

#include "store/parquet/types.h"

namespace callscope::store::parquet {

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Decompressor = std::unique_ptr<ZSTD_DCtx, FreeDecompressor>;

class PageBytes {
 public:
  PageBytes() = default;
  // `stored` as it lies in the file, which outlives this; `size` once decompressed.
  PageBytes(std::string_view stored, size_t size, Codec codec);

  size_t size() const { return size_; }
  // The first `count` bytes and maybe more, valid as long as this lives; empty where there are
  // fewer, or where they do not decompress.
  std::string_view first(size_t count);
  bool is_whole() const { return ready_ == size_; }

 private:
  std::string_view stored_;  // what is left of it
  size_t size_ = 0;
  size_t ready_ = 0;
  std::unique_ptr<char[]> own_;  // where it had to be decompressed
  const char* bytes_ = nullptr;  // of own_ or of the file
  Decompressor stream_;          // once a part was decompressed
};

}  // namespace callscope::store::parquet
