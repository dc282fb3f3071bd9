// Says what a span means: which framework sent it, what kind of operation it is, and its measures
// in our units. All knowledge of frameworks is in the mapping table (mapping/*.json, embedded);
// this is its engine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/facts.h"
#include "model/span.h"

namespace callscope::normalise {

// A key that a framework sent and no rule knows; the early warning of a renamed attribute.
struct UnmappedKey {
  std::string framework;
  std::string key;
  uint64_t count = 0;
};

class Classifier {
 public:
  // Compiles the embedded mapping table. The table is checked by tests; a broken one stops the
  // process.
  Classifier();
  ~Classifier();

  // Fills `facts` from the span, its scope and its resource. Runs for each span received: about a
  // microsecond for 15 attributes, no allocation but for strings longer than 15 characters.
  // Thread-safe.
  void classify(const model::Span& span, model::SpanFacts& facts) const;

  // Reads the words of a span that `facts` (of the same span) describes. For reading calls, not for
  // the way in. Thread-safe.
  model::SpanTexts texts(const model::Span& span, const model::SpanFacts& facts) const;

  // Attribute keys seen that no rule names, most frequent first; at most `kUnmappedKeysMax` a
  // framework are counted.
  std::vector<UnmappedKey> unmapped() const;
  static constexpr size_t kUnmappedKeysMax = 200;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace callscope::normalise
