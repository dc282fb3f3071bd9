// Counters, gauges and histograms, and their text for Prometheus. Metrics are made once, at the
// start, and updated from any thread without a lock:
//
//   Counter& spans = metrics.counter("callscope_spans_received_total", "Spans acknowledged.");
//   spans.add(512);
//   metrics.sampled("callscope_hot_bytes", "Bytes of spans not in the lake yet.", Metrics::kGauge,
//                   [&] { return static_cast<double>(hot.bytes()); });
//
// Names follow Prometheus: a `callscope_` in front, the unit last, `_total` behind a counter.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callscope {

class Counter {
 public:
  void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // `bounds` are the upper ends of the buckets, rising; one more takes what lies above the last.
  explicit Histogram(std::span<const double> bounds);

  void observe(double value);
  uint64_t count() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }
  std::span<const double> bounds() const { return bounds_; }
  uint64_t bucket(size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<uint64_t>[]> buckets_;  // bounds_.size() + 1
  std::atomic<double> sum_{0};
};

// Seconds from 100 us to 10 s, for the time an answer takes.
std::span<const double> latency_buckets_s();

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Metrics {
 public:
  enum Kind { kCounter, kGauge, kHistogram };

  // Asking again for a name and labels gives the same metric. It lives as long as this registry.
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                       const MetricLabels& labels = {});
  // Read when somebody looks; `read` must not call the registry.
  void sampled(std::string_view name, std::string_view help, Kind kind,
               std::function<double()> read, const MetricLabels& labels = {});

  // Prometheus text format 0.0.4.
  std::string prometheus() const;

 private:
  struct Series {
    std::string labels;  // rendered: `method="GET",status="200"`
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> read;
  };
  struct Family {
    std::string name;
    std::string help;
    Kind kind;
    std::deque<Series> series;
  };
  Series& series(std::string_view name, std::string_view help, Kind kind,
                 const MetricLabels& labels);

  mutable std::mutex mutex_;     // guards the lists, not the values in them
  std::deque<Family> families_;  // in the order in which they were made
};

}  // namespace callscope
