// Rows of text in columns, for terminals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callscope {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}

  // As many cells as the header has. Line breaks and control characters are shown as spaces.
  void add(std::vector<std::string> cells);
  // One line a row, columns two spaces apart and as wide as their widest cell.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// On one line, as it can be shown on a terminal: at most `characters` of it, the last then an
// ellipsis.
std::string one_line(std::string_view text, size_t characters);

}  // namespace callscope
