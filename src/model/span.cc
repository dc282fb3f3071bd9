#include "model/span.h"

namespace callscope::model {

const Value* find(const Attributes& attributes, std::string_view key) {
  for (auto it = attributes.rbegin(); it != attributes.rend(); ++it) {
    if (it->key == key) return &it->value;
  }
  return nullptr;
}

}  // namespace callscope::model
