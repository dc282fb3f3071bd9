// Owns many small byte strings that live and die together.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace callscope {

// Not thread-safe. Views handed out stay valid until clear() or destruction, also across moves of
// the arena itself.
class Arena {
 public:
  explicit Arena(size_t block_bytes = 16 * 1024) : block_bytes_(block_bytes) {}

  std::string_view copy(std::string_view bytes) {
    char* p = allocate(bytes.size());
    if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    return {p, bytes.size()};
  }

  char* allocate(size_t size) {
    if (size > left_) grow(size);
    char* p = at_;
    at_ += size;
    left_ -= size;
    return p;
  }

  // Forgets everything but keeps the first block for reuse.
  void clear() {
    if (blocks_.size() > 1) blocks_.resize(1);
    if (!blocks_.empty()) {
      at_ = blocks_[0].bytes.get();
      left_ = blocks_[0].size;
      held_bytes_ = blocks_[0].size;
    }
  }

  size_t held_bytes() const { return held_bytes_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  void grow(size_t size) {
    const size_t block = size > block_bytes_ ? size : block_bytes_;
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    at_ = blocks_.back().bytes.get();
    left_ = block;
    held_bytes_ += block;
  }

  size_t block_bytes_;
  size_t held_bytes_ = 0;
  std::vector<Block> blocks_;
  char* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace callscope
