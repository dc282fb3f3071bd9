#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace callscope {
namespace {

std::string render(const MetricLabels& labels) {
  std::string out;
  for (const auto& [key, value] : labels) {
    if (!out.empty()) out += ',';
    out += key;
    out += "=\"";
    for (char c : value) {
      switch (c) {
        case '\\':
          out += "\\\\";
          break;
        case '"':
          out += "\\\"";
          break;
        case '\n':
          out += "\\n";
          break;
        default:
          out += c;
      }
    }
    out += '"';
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

// One sample: name{labels,extra} value
void sample(std::string& out, std::string_view name, std::string_view suffix,
            std::string_view labels, std::string_view extra, std::string_view value) {
  out += name;
  out += suffix;
  if (!labels.empty() || !extra.empty()) {
    out += '{';
    out += labels;
    if (!labels.empty() && !extra.empty()) out += ',';
    out += extra;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

void sample_histogram(std::string& out, std::string_view name, std::string_view labels,
                      const Histogram& histogram) {
  uint64_t below = 0;
  const auto bounds = histogram.bounds();
  for (size_t i = 0; i < bounds.size(); ++i) {
    below += histogram.bucket(i);
    sample(out, name, "_bucket", labels, fmt::format("le=\"{}\"", bounds[i]),
           fmt::format("{}", below));
  }
  below += histogram.bucket(bounds.size());
  sample(out, name, "_bucket", labels, "le=\"+Inf\"", fmt::format("{}", below));
  sample(out, name, "_sum", labels, "", number(histogram.sum()));
  sample(out, name, "_count", labels, "", fmt::format("{}", below));
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      buckets_(std::make_unique<std::atomic<uint64_t>[]>(bounds.size() + 1)) {
  CHECK(std::is_sorted(bounds_.begin(), bounds_.end()), "bucket bounds rise");
}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

uint64_t Histogram::count() const {
  uint64_t n = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) n += bucket(i);
  return n;
}

std::span<const double> latency_buckets_s() {
  static constexpr std::array kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                         0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
  return kBounds;
}

Metrics::Series& Metrics::series(std::string_view name, std::string_view help, Kind kind,
                                 const MetricLabels& labels) {
  auto family = std::find_if(families_.begin(), families_.end(),
                             [&](const Family& f) { return f.name == name; });
  if (family == families_.end()) {
    families_.push_back({std::string(name), std::string(help), kind, {}});
    family = families_.end() - 1;
  }
  CHECK(family->kind == kind, "a metric name stands for one kind of metric");
  std::string rendered = render(labels);
  for (Series& s : family->series) {
    if (s.labels == rendered) return s;
  }
  family->series.emplace_back();
  family->series.back().labels = std::move(rendered);
  return family->series.back();
}

Counter& Metrics::counter(std::string_view name, std::string_view help,
                          const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  Series& s = series(name, help, kCounter, labels);
  if (!s.counter) s.counter = std::make_unique<Counter>();
  return *s.counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  Series& s = series(name, help, kGauge, labels);
  if (!s.gauge) s.gauge = std::make_unique<Gauge>();
  return *s.gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help,
                              std::span<const double> bounds, const MetricLabels& labels) {
  std::lock_guard lock(mutex_);
  Series& s = series(name, help, kHistogram, labels);
  if (!s.histogram) s.histogram = std::make_unique<Histogram>(bounds);
  return *s.histogram;
}

void Metrics::sampled(std::string_view name, std::string_view help, Kind kind,
                      std::function<double()> read, const MetricLabels& labels) {
  CHECK(kind != kHistogram, "a sampled metric is one number");
  std::lock_guard lock(mutex_);
  series(name, help, kind, labels).read = std::move(read);
}

std::string Metrics::prometheus() const {
  static constexpr std::array<std::string_view, 3> kTypes = {"counter", "gauge", "histogram"};
  std::string out;
  std::lock_guard lock(mutex_);
  for (const Family& f : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", f.name, f.help, f.name, kTypes[f.kind]);
    for (const Series& s : f.series) {
      if (s.histogram) {
        sample_histogram(out, f.name, s.labels, *s.histogram);
      } else if (s.counter) {
        sample(out, f.name, "", s.labels, "", fmt::format("{}", s.counter->value()));
      } else if (s.gauge) {
        sample(out, f.name, "", s.labels, "", number(s.gauge->value()));
      } else if (s.read) {
        sample(out, f.name, "", s.labels, "", number(s.read()));
      }
    }
  }
  return out;
}

}  // namespace callscope
