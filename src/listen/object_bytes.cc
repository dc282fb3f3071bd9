#include "listen/object_bytes.h"

#include <algorithm>

namespace callscope::listen {
namespace {

class ObjectBytes final : public audio::Bytes {
 public:
  explicit ObjectBytes(std::shared_ptr<const store::ObjectReader> object)
      : object_(std::move(object)) {}
  uint64_t size() const override { return object_->size(); }
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    if (offset >= object_->size()) return size_t{0};
    const size_t count = std::min<uint64_t>(size, object_->size() - offset);
    TRY(object_->read(offset, {out, count}));
    return count;
  }

 private:
  const std::shared_ptr<const store::ObjectReader> object_;
};

}  // namespace

std::unique_ptr<audio::Bytes> object_bytes(std::shared_ptr<const store::ObjectReader> object) {
  return std::make_unique<ObjectBytes>(std::move(object));
}

}  // namespace callscope::listen
