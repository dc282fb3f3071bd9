// Values on their way to and from the database: whole numbers and text, either of which may be
// NULL. There are no others, so that every column means the same on every database.
#pragma once

#include <soci/soci.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/time.h"
#include "model/facts.h"

namespace callscope::store {

enum class CellType : uint8_t { kInteger, kText };

// SOCI binds to addresses, so a cell stays where it is as long as its statement.
struct Cell {
  long long integer = 0;
  std::string text;
  soci::indicator state = soci::i_ok;

  bool is_null() const { return state == soci::i_null; }
};

// How a type of ours is kept in a cell: its `kType`, put() and get().
template <typename T>
struct CellFormat;

template <typename T>
requires std::integral<T> || std::is_enum_v<T>
struct CellFormat<T> {
  static constexpr CellType kType = CellType::kInteger;
  static void put(Cell& cell, T value) {
    cell.integer = static_cast<long long>(value);
    cell.state = soci::i_ok;
  }
  static void get(const Cell& cell, T& value) {
    value = cell.is_null() ? T{} : static_cast<T>(cell.integer);
  }
};

template <>
struct CellFormat<std::string_view> {
  static constexpr CellType kType = CellType::kText;
  static void put(Cell& cell, std::string_view value) {
    cell.text.assign(value);
    cell.state = soci::i_ok;
  }
};

template <>
struct CellFormat<std::string> : CellFormat<std::string_view> {
  static void get(const Cell& cell, std::string& value) {
    if (cell.is_null()) {
      value.clear();
    } else {
      value = cell.text;
    }
  }
};

// An unset time and an absent measure are NULL.
template <>
struct CellFormat<TimeNs> {
  static constexpr CellType kType = CellType::kInteger;
  static void put(Cell& cell, TimeNs value) {
    cell.integer = value.ns;
    cell.state = value.is_set() ? soci::i_ok : soci::i_null;
  }
  static void get(const Cell& cell, TimeNs& value) { value = {cell.is_null() ? 0 : cell.integer}; }
};

template <>
struct CellFormat<model::Measure> {
  static constexpr CellType kType = CellType::kInteger;
  static void put(Cell& cell, model::Measure value) {
    cell.integer = value.value_or(0);
    cell.state = value ? soci::i_ok : soci::i_null;
  }
  static void get(const Cell& cell, model::Measure& value) {
    value = cell.is_null() ? model::Measure() : model::Measure(cell.integer);
  }
};

template <typename T>
struct CellFormat<std::optional<T>> {
  static constexpr CellType kType = CellFormat<T>::kType;
  static void put(Cell& cell, const std::optional<T>& value) {
    if (value) {
      CellFormat<T>::put(cell, *value);
    } else {
      cell.state = soci::i_null;
    }
  }
  static void get(const Cell& cell, std::optional<T>& value) {
    if (cell.is_null()) {
      value.reset();
    } else {
      CellFormat<T>::get(cell, value.emplace());
    }
  }
};

}  // namespace callscope::store
