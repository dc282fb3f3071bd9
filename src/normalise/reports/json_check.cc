#include "normalise/reports/json_check.h"

#include <fmt/format.h>

#include <charconv>

namespace callscope::normalise::reports {
namespace {

// One pass over the text. What is copied to `mended_` begins with the first thing to mend.
class Check {
 public:
  Check(std::string_view text, size_t depth_max, std::string& mended)
      : text_(text), depth_max_(depth_max), mended_(mended) {}

  Result<std::string_view> run() {
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case '"':
          string();
          continue;
        case '{':
        case '[':
          if (++depth_ > depth_max_) return too_deep();
          break;
        case '}':
        case ']':
          if (depth_ > 0) --depth_;
          break;
        case ',':
          if (depth_ == 1) expects_name_ = true;
          break;
        case ':':
          if (depth_ == 1) expects_name_ = false;
          break;
        case 'N':
          replace("NaN");
          break;
        case 'I':
          replace("Infinity");
          break;
        case '-':
          replace("-Infinity");
          break;
        default:
          break;
      }
      ++at_;
    }
    if (copied_ == 0) return text_;
    mended_ += text_.substr(copied_);
    return std::string_view(mended_);
  }

 private:
  Error too_deep() const {
    return {ErrorCode::kInvalidArgument,
            fmt::format("Ensure this field is nested no more than {} levels deep.", depth_max_),
            std::string(name_.substr(0, 100))};
  }

  void mend(size_t from, size_t size, std::string_view with) {
    mended_ += text_.substr(copied_, from - copied_);
    mended_ += with;
    copied_ = from + size;
  }

  void replace(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return;
    mend(at_, word.size(), "null");
    at_ += word.size() - 1;
  }

  // The code unit of an escape "\uXXXX" at `at`; -1 where there is none.
  int unit(size_t at) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return -1;
    int value = 0;
    const char* first = text_.data() + at + 2;
    const auto [end, error] = std::from_chars(first, first + 4, value, 16);
    return error == std::errc{} && end == first + 4 && value >= 0 ? value : -1;
  }

  // From the quote at `at_` to behind the one that ends it.
  void string() {
    const size_t begin = ++at_;
    while (at_ < text_.size()) {
      at_ = text_.find_first_of("\"\\", at_);
      if (at_ == std::string_view::npos) {
        at_ = text_.size();
        return;
      }
      if (text_[at_] == '"') break;
      const int code = unit(at_);
      if (code >= 0xD800 && code < 0xDC00) {
        const int low = unit(at_ + 6);
        if (low >= 0xDC00 && low < 0xE000) {
          at_ += 12;
          continue;
        }
        mend(at_, 6, "\\ufffd");
      } else if (code >= 0xDC00 && code < 0xE000) {
        mend(at_, 6, "\\ufffd");
      }
      at_ += 2;  // the hex digits behind a "\u" are no quotes
    }
    at_ = std::min(at_, text_.size());
    if (depth_ == 1 && expects_name_) name_ = text_.substr(begin, at_ - begin);
    ++at_;
  }

  std::string_view text_;
  size_t depth_max_;
  std::string& mended_;
  size_t at_ = 0;
  size_t copied_ = 0;  // the text before this is in mended_
  size_t depth_ = 0;
  bool expects_name_ = true;  // whether a string of the outermost object names a member
  std::string_view name_;
};

}  // namespace

Result<std::string_view> check_json(std::string_view text, size_t depth_max, std::string& mended) {
  return Check(text, depth_max, mended).run();
}

}  // namespace callscope::normalise::reports
