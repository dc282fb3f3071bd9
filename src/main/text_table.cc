#include "main/text_table.h"

#include <algorithm>

#include "base/check.h"

namespace callscope {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Characters of UTF-8; wide ones count as one, which is near enough for names.
size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

// Escape sequences in what a caller said must not reach the terminal.
void replace_controls(std::string& text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
}

}  // namespace

void TextTable::add(std::vector<std::string> cells) {
  CHECK(cells.size() == rows_.front().size(), "a cell for each column");
  for (std::string& cell : cells) replace_controls(cell);
  rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
  std::vector<size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string one_line(std::string_view text, size_t characters) {
  std::string line(text);
  replace_controls(line);
  size_t seen = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (!starts_character(line[i]) || ++seen < characters || i + 1 == line.size()) continue;
    size_t next = i + 1;
    while (next < line.size() && !starts_character(line[next])) ++next;
    if (next == line.size()) break;
    line.resize(i);
    return line + "…";
  }
  return line;
}

}  // namespace callscope
