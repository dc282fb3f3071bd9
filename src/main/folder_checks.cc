#include "main/folder_checks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/arena.h"
#include "base/file.h"
#include "main/api_client.h"
#include "main/local_access.h"
#include "main/port_check.h"
#include "store/catalog/catalog.h"
#include "store/lake/segment.h"
#include "store/wal/reader.h"

namespace callscope {
namespace {

namespace fs = std::filesystem;
using store::Catalog;
using store::Segment;

using Findings = std::vector<Finding>;

Finding fine(std::string text) { return {Verdict::kOk, std::move(text), ""}; }
Finding warning(std::string text, std::string remedy) {
  return {Verdict::kWarning, std::move(text), std::move(remedy)};
}
Finding problem(std::string text, std::string remedy) {
  return {Verdict::kProblem, std::move(text), std::move(remedy)};
}

std::string megabytes(int64_t bytes) { return fmt::format("{} MiB", bytes / kMiB); }

// What the checks share. The catalog is opened once, if it can be.
struct Folder {
  FolderCheckOptions options;
  const Clock& clock;
  fs::path path;
  std::unique_ptr<Catalog> catalog;
  std::string catalog_error;

  bool has_catalog_file() const { return fs::exists(path / "catalog.db"); }
};

// A server holds a lock on its folder as long as it runs.
bool is_in_use(const fs::path& folder) {
  const int file = ::open((folder / "lock").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  const bool held = ::flock(file, LOCK_EX | LOCK_NB) != 0;
  ::close(file);
  return held;
}

Findings check_folder(const Folder& folder) {
  const std::string name = folder.path.string();
  if (!fs::exists(folder.path)) {
    return {warning(name + " is not there yet",
                    fmt::format("start `callscope serve --data {}`, which makes it", name))};
  }
  if (::access(folder.path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return {problem(name + " may not be written by this user",
                    "run as the user that the server runs as, or change the folder's owner")};
  }
  return {fine(name + " may be written")};
}

Findings check_disk(const Folder& folder) {
  struct statvfs disk {};
  const fs::path place =
      fs::exists(folder.path) ? folder.path : fs::absolute(folder.path).parent_path();
  if (::statvfs(place.c_str(), &disk) != 0)
    return {warning("free space is unknown", "check the disk of " + place.string())};
  const auto free = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
  const int64_t least = folder.options.config.server.limits.disk_free_bytes_min;
  const std::string text = megabytes(free) + " free";
  const std::string remedy = "free some, or keep less with --retention-age-s or --retention-bytes";
  if (free < least)
    return {problem(fmt::format("{}: below {} spans are refused", text, megabytes(least)), remedy)};
  if (free < 2 * least) return {warning(fmt::format("{}: soon spans are refused", text), remedy)};
  return {fine(text)};
}

Findings check_catalog(const Folder& folder) {
  if (!folder.has_catalog_file()) return {fine("none yet; the first start makes it")};
  if (!folder.catalog)
    return {problem(folder.catalog_error, "if it is damaged, restore catalog.db from a backup")};
  const auto damage = folder.catalog->check_integrity();
  if (!damage)
    return {problem(damage.error().message, "check the disk; restore catalog.db from a backup")};
  Findings findings;
  for (const std::string& line : *damage) {
    findings.push_back(problem(line, "stop the server and restore catalog.db from a backup"));
  }
  if (findings.empty()) findings.push_back(fine("sound"));
  return findings;
}

Findings check_keys(const Folder& folder) {
  if (!folder.catalog) return {};
  const auto keys = folder.catalog->valid_keys();
  if (!keys) return {problem(keys.error().message, "see the catalog above")};
  const auto may_write = [](const store::HashedKey& k) {
    return k.key.access == store::Access::kReadWrite;
  };
  const std::string make =
      fmt::format("make one: callscope key create --data {}", folder.path.string());
  if (std::none_of(keys->begin(), keys->end(), may_write))
    return {problem("no valid key may write, so nobody can send", make)};
  if (std::none_of(keys->begin(), keys->end(), [](const auto& k) { return k.key.admin; })) {
    return {warning("no valid key may administer", make + " --admin")};
  }
  return {fine(fmt::format("{} valid", keys->size()))};
}

Findings check_log(const Folder& folder) {
  const fs::path directory = folder.path / "wal";
  if (!fs::exists(directory)) return {fine("none yet")};
  const auto generations = store::wal::list_generations(directory);
  if (!generations)
    return {problem(generations.error().message, "check the disk and the folder's permissions")};
  Findings findings;
  uint64_t records = 0;
  for (const auto generation : *generations) {
    const std::string name = store::wal::file_name(generation);
    const auto tail = store::wal::find_tail(directory, generation);
    if (!tail) {
      findings.push_back(
          problem(fmt::format("{}: {}", name, tail.error().message),
                  "keep a copy of the file; the server starts with what can be read"));
      continue;
    }
    records += tail->records;
    // The newest file of a running server ends in space that it has not written yet.
    const bool is_written = generation == generations->back() && is_in_use(folder.path);
    if (tail->good_end < tail->file_size && !is_written) {
      findings.push_back(warning(
          fmt::format("{}: torn after byte {} of {}", name, tail->good_end, tail->file_size),
          "nothing to do: the next start cuts it off; it holds nothing that was acknowledged"));
    }
  }
  if (findings.empty())
    findings.push_back(fine(fmt::format("{} requests in {} files", records, generations->size())));
  return findings;
}

// Why the segment cannot be served; nothing where it can.
template <typename Row>
Result<void> read_segment(const fs::path& path, const Segment& segment, bool every_page) {
  const auto file = TRY(store::SegmentFile<Row>::open(path));
  if (file->file().rows() != segment.rows) {
    return Error{ErrorCode::kDataLoss,
                 fmt::format("has {} rows, not {}", file->file().rows(), segment.rows)};
  }
  if (!every_page) return {};
  constexpr int64_t kRowsAtOnce = 4096;
  store::RowCursor<Row> cursor(file, store::ReadFacts::kYes);
  for (int64_t first = 0; first < segment.rows; first += kRowsAtOnce) {
    Arena arena;
    std::vector<Row> rows;
    TRY(cursor.read(first, std::min(kRowsAtOnce, segment.rows - first), arena, rows));
  }
  return {};
}

Finding check_quarantined(const Folder& folder, const Segment& segment, const Result<void>& read) {
  const std::string text = fmt::format("lake/{} was set aside with {} rows: {}", segment.path,
                                       segment.rows, segment.quarantined);
  if (!read) {
    return problem(text,
                   "restore the file from a backup, then run `callscope doctor --release`; the "
                   "rest is served");
  }
  if (!folder.options.release) {
    return problem(text + "; it can be read again",
                   "run `callscope doctor --release`, then start the server again");
  }
  const auto released =
      folder.catalog->write([&](store::Transaction& t) { return t.release_segment(segment.id); });
  if (!released) return problem(released.error().message, "see the catalog above");
  return warning(fmt::format("lake/{} is released", segment.path),
                 "start the server again to serve it");
}

Findings check_segments(const Folder& folder) {
  if (!folder.catalog) return {};
  Findings findings;
  int64_t count = 0, bytes = 0;
  for (const auto dataset : {store::Dataset::kSpans, store::Dataset::kLogs}) {
    const auto segments = folder.catalog->segments(dataset);
    if (!segments) return {problem(segments.error().message, "see the catalog above")};
    for (const Segment& segment : *segments) {
      if (segment.superseded.is_set()) continue;
      const fs::path path = folder.path / "lake" / segment.path;
      const bool every_page = folder.options.read_every_page;
      const auto read = dataset == store::Dataset::kSpans
                            ? read_segment<store::SpanRow>(path, segment, every_page)
                            : read_segment<store::LogRow>(path, segment, every_page);
      if (!segment.quarantined.empty()) {
        findings.push_back(check_quarantined(folder, segment, read));
      } else if (!read) {
        findings.push_back(
            problem(fmt::format("lake/{}: {}", segment.path, read.error().message),
                    "restore the file from a backup; until then the next start sets it aside"));
      }
      ++count;
      bytes += segment.bytes;
    }
  }
  if (findings.empty())
    findings.push_back(fine(fmt::format("{} sound, {} in all", count, megabytes(bytes))));
  return findings;
}

Findings check_server(const Folder& folder) {
  const ServerOptions& server = folder.options.config.server;
  const std::string name = folder.path.string();
  if (is_in_use(folder.path)) {
    const auto access = read_local_access(folder.path);
    if (!access)
      return {warning("one runs on this folder and did not say where",
                      "wait until it says that it is ready")};
    ApiClient client(ServerTarget{access->url, access->key, access->certificate_file}, 0);
    const auto answer = client.get("server");
    if (!answer) {
      return {problem(fmt::format("one runs on this folder; {}", answer.error().message),
                      "look at its log; if it hangs, stop it with SIGTERM and start it again")};
    }
    return {fine("answers at " + access->url)};
  }
  Findings findings;
  for (const auto& [flag, address] :
       {std::pair("--grpc", server.grpc), std::pair("--http", server.http)}) {
    if (const auto reason = why_not_listen(address); !reason.empty()) {
      findings.push_back(problem(
          fmt::format("{} cannot be listened on: {}", address, reason),
          fmt::format("stop the program that uses it, or give another address with {}", flag)));
    }
  }
  if (findings.empty()) {
    findings.push_back(fine(
        fmt::format("none runs on this folder; {} and {} are free", server.grpc, server.http)));
  }
  return findings;
}

Findings check_tls(const Folder& folder) {
  const ServerOptions& server = folder.options.config.server;
  if (server.tls_certificate_file.empty()) return {fine("off")};
  Findings findings;
  for (const std::string& file : {server.tls_certificate_file, server.tls_key_file}) {
    if (const auto text = read_file(file); !text) {
      findings.push_back(problem(text.error().message, "check tls_cert and tls_key"));
    } else if (text->find("-----BEGIN ") == std::string::npos) {
      findings.push_back(
          problem(file + " is not PEM", "convert it with openssl, or name the right file"));
    }
  }
  if (findings.empty()) findings.push_back(fine("certificate and key can be read"));
  return findings;
}

Findings check_clock(const Folder& folder) {
  // No machine that runs this is older than the program.
  const TimeNs least = *parse_time("2026-01-01T00:00:00Z");
  const TimeNs now = folder.clock.now();
  const std::string remedy = "set the machine's clock, best by NTP";
  if (now < least) return {problem("the clock says " + to_rfc3339(now), remedy)};
  if (folder.catalog) {
    const auto segments = folder.catalog->segments(store::Dataset::kSpans);
    for (const Segment& segment : segments ? *segments : std::vector<Segment>()) {
      if (segment.received_max > now + DurationNs::from_s(60)) {
        return {warning(fmt::format("the clock says {}, and spans were received at {}",
                                    to_rfc3339(now), to_rfc3339(segment.received_max)),
                        remedy)};
      }
    }
  }
  return {fine(to_rfc3339(now))};
}

}  // namespace

std::vector<DoctorCheck> folder_checks(const FolderCheckOptions& options, const Clock& clock) {
  const auto folder = std::make_shared<Folder>(Folder{.options = options,
                                                      .clock = clock,
                                                      .path = options.config.server.data,
                                                      .catalog = nullptr,
                                                      .catalog_error = ""});
  if (folder->has_catalog_file()) {
    auto catalog = Catalog::open({.path = folder->path / "catalog.db", .readers_max = 1}, clock);
    if (catalog) {
      folder->catalog = std::move(*catalog);
    } else {
      folder->catalog_error = catalog.error().message;
    }
  }
  const auto check = [&](std::string name, Findings (*run)(const Folder&)) {
    return DoctorCheck{std::move(name), [folder, run] { return run(*folder); }};
  };
  return {check("data folder", check_folder),  check("disk", check_disk),
          check("catalog", check_catalog),     check("API keys", check_keys),
          check("write-ahead log", check_log), check("segments", check_segments),
          check("server", check_server),       check("TLS", check_tls),
          check("clock", check_clock)};
}

}  // namespace callscope
