// The lake: the folder of segments, and how a generation or other segments become new ones.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog/catalog.h"
#include "store/hot.h"
#include "store/lake/segment.h"
#include "store/view.h"

namespace callscope::store {

class Lake {
 public:
  Lake(std::filesystem::path directory, Catalog& catalog, const Clock& clock)
      : directory_(std::move(directory)), catalog_(catalog), clock_(clock) {}

  // Opens the segments that the catalog names, into `view`. One that can't be read is quarantined:
  // marked in the catalog, left where it is, named by `callscope doctor`; the rest is served.
  // Files that the catalog does not name are left-overs of a crash and are removed.
  Result<void> open(ViewHolder& view);

  // Writes a sealed generation as segments, publishes them in the catalog in one durable
  // transaction, with a note of whether its calls are saved, and swaps them for the generation in
  // `view`.
  enum class Calls { kSaved, kPending };
  Result<void> flush(const std::shared_ptr<HotGeneration>& hot, ViewHolder& view, Calls calls);

  // Merges spans or log segments into one, leaving out rows that `view` says are deleted or that a
  // newer version replaced, and publishes the result.
  template <typename Row>
  Result<void> compact(const std::vector<LiveSegment<Row>>& inputs, ViewHolder& view);

  // Takes segments out of the catalog and `view`, as retention does.
  template <typename Row>
  Result<void> drop(const std::vector<SegmentId>& ids, ViewHolder& view);

  // Takes a segment that can't be read out of `view` and marks it in the catalog; its file stays,
  // and `callscope doctor` names it.
  template <typename Row>
  void set_aside(SegmentId id, std::string_view reason, ViewHolder& view);
  // Reads every page of every span segment and sets those with damage aside. Returns how many.
  size_t set_damaged_aside(ViewHolder& view);

  // Removes the files of segments that were superseded. Readers that hold one keep it until they
  // let go.
  Result<void> remove_superseded();

  Result<int64_t> bytes() const;  // of all live segments

 private:
  template <typename Row>
  Result<void> open_table(Dataset dataset, std::vector<LiveSegment<Row>>& out);
  template <typename Row>
  Result<std::vector<Segment>> write_rows(const std::vector<const Row*>& rows, Dataset dataset,
                                          wal::Generation generation);
  // Where a new segment goes, relative to the lake; its folder exists afterwards.
  Result<std::string> new_path(Dataset dataset, const std::string& name);

  const std::filesystem::path directory_;
  Catalog& catalog_;
  const Clock& clock_;
};

}  // namespace callscope::store
