#include "store/parquet/page_bytes.h"

#include <algorithm>

namespace callscope::store::parquet {
namespace {

// A page is decompressed in one go where most of it is wanted, otherwise as far as this much of
// what is stored goes.
constexpr size_t kStep = 16 << 10;

// Its tables take longer to make than a small page to decompress.
ZSTD_DCtx* decompressor_of_thread() {
  static thread_local const Decompressor context(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

PageBytes::PageBytes(std::string_view stored, size_t size, Codec codec)
    : stored_(stored), size_(size) {
  if (codec != Codec::kNone) return;
  size_ = ready_ = stored.size();
  bytes_ = stored.data();
}

std::string_view PageBytes::first(size_t count) {
  if (count > size_) return {};
  if (count > ready_ && !own_) {
    own_ = std::make_unique_for_overwrite<char[]>(size_);
    bytes_ = own_.get();
    if (count == size_ || stored_.size() <= kStep) {
      const size_t got = ZSTD_decompressDCtx(decompressor_of_thread(), own_.get(), size_,
                                             stored_.data(), stored_.size());
      if (ZSTD_isError(got) || got != size_) return {};
      ready_ = size_;
    }
  }
  while (ready_ < count) {
    if (!stream_) {
      stream_.reset(ZSTD_createDCtx());
      // Straight into `own_`, which stays where it is.
      ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_stableOutBuffer, 1);
    }
    ZSTD_inBuffer in{stored_.data(), std::min(stored_.size(), kStep), 0};
    ZSTD_outBuffer out{own_.get(), size_, ready_};
    const size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    const bool is_stuck = in.pos == 0 && out.pos == ready_;
    if (ZSTD_isError(result) || is_stuck) return {};
    stored_.remove_prefix(in.pos);
    ready_ = out.pos;
  }
  return {bytes_, ready_};
}

}  // namespace callscope::store::parquet
