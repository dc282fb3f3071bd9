// A span's attributes by the numbers of their keys, and how their values are read: numbers that
// came as text, flags that came as words.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/span.h"
#include "normalise/mapping/rules.h"

namespace callscope::normalise::mapping {

// The number that a value is, or says it is. nullopt for anything else, NaN and infinities too.
std::optional<double> number_of(const model::Value& value);

// true, "true", "yes", "1", any number but 0. Other texts are not true.
bool is_true(const model::Value& value);

// Whether there is something to show: not empty, no empty text, and nothing that says "none".
bool has_content(const model::Value& value);

// `text` without white space and quotes around it: some exporters write text as JSON.
std::string_view trimmed(std::string_view text);

bool equals_ignoring_case(std::string_view text, std::string_view lower);

// Valid as long as the span and the mapping are. Big: lives on the stack of one call.
class SpanView {
 public:
  // Attributes behind this one, of a span that has so many, are looked up by no rule.
  static constexpr size_t kAttributesMax = 0xFF00;
  // Only so many attributes of a span are checked against the known keys.
  static constexpr size_t kCheckedMax = 96;

  SpanView(const Mapping& mapping, const model::Span& span);

  const model::Span& span() const { return span_; }
  // nullptr where the span has no such attribute. The last of a repeated key.
  const model::Value* find(KeyId key) const {
    const uint16_t slot = slots_[key];
    if (slot == kEmpty) return nullptr;
    if (slot >= kFirstMember) return &members_[slot - kFirstMember];
    return &span_.attributes[slot].value;
  }
  bool has(KeyId key) const { return slots_[key] != kEmpty; }
  std::string_view key_name(KeyId key) const { return mapping_.keys.name(key); }
  // Whether a rule of `framework` names the key.
  bool is_known(const Framework& framework, std::string_view key) const {
    const KeyId id = mapping_.keys.find(key);
    return id != kNoKey && framework.known_keys[id];
  }
  // Makes the members of the JSON object in `base` attributes of their own: "base#a.b".
  void expand(KeyId base);

  // For each of the first kCheckedMax attributes: its key's number and hash.
  struct Checked {
    KeyId id;
    uint64_t hash;
  };
  size_t checked_size() const { return checked_size_; }
  const Checked& checked(size_t i) const { return checked_[i]; }

 private:
  static constexpr uint16_t kEmpty = 0xFFFF;
  static constexpr uint16_t kFirstMember = kAttributesMax;
  static constexpr size_t kMembersMax = 64;

  void expand_object(std::string_view json, std::string& path, int depth);

  const Mapping& mapping_;
  const model::Span& span_;
  std::array<uint16_t, kKeysMax + 1> slots_;  // of kAlwaysThere, too
  std::array<model::Value, kMembersMax> members_;
  size_t members_size_ = 0;
  std::array<Checked, kCheckedMax> checked_;
  size_t checked_size_ = 0;
};

bool holds(const Condition& condition, const SpanView& view);
// The parts of `match` that differ between spans of one scope and name.
bool holds(const Match& match, const SpanView& view);

}  // namespace callscope::normalise::mapping
