#include "base/metrics.h"

#include <gtest/gtest.h>

namespace callscope {
namespace {

TEST(Metrics, WritesPrometheusText) {
  Metrics metrics;
  metrics.counter("callscope_spans_total", "Spans.", {{"signal", "a\"b"}}).add(3);
  metrics.gauge("callscope_bytes", "Bytes.").set(1.5);
  const double bounds[] = {0.1, 1};
  Histogram& h = metrics.histogram("callscope_seconds", "Seconds.", bounds);
  h.observe(0.1);
  h.observe(0.5);
  h.observe(7);
  metrics.sampled("callscope_hot", "Hot.", Metrics::kGauge, [] { return 4.0; });

  EXPECT_EQ(metrics.prometheus(), R"(# HELP callscope_spans_total Spans.
# TYPE callscope_spans_total counter
callscope_spans_total{signal="a\"b"} 3
# HELP callscope_bytes Bytes.
# TYPE callscope_bytes gauge
callscope_bytes 1.5
# HELP callscope_seconds Seconds.
# TYPE callscope_seconds histogram
callscope_seconds_bucket{le="0.1"} 1
callscope_seconds_bucket{le="1"} 2
callscope_seconds_bucket{le="+Inf"} 3
callscope_seconds_sum 7.6
callscope_seconds_count 3
# HELP callscope_hot Hot.
# TYPE callscope_hot gauge
callscope_hot 4
)");
}

TEST(Metrics, AskingAgainGivesTheSameMetric) {
  Metrics metrics;
  Counter& first = metrics.counter("n_total", "N.", {{"a", "1"}});
  EXPECT_EQ(&first, &metrics.counter("n_total", "N.", {{"a", "1"}}));
  EXPECT_NE(&first, &metrics.counter("n_total", "N.", {{"a", "2"}}));
}

}  // namespace
}  // namespace callscope
