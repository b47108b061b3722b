#pragma once

#include "runtime/metrics/instruments.hpp"
#include "runtime/result.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace starling::metrics {

/// Label names and values, e.g. {{"link", "tcp"}, {"direction", "in"}}.
using labels = std::map<std::string, std::string>;

/// All measurements of one node. Made in `main` and handed down; there is no
/// global one, so that many nodes can live in one process.
///
/// The instruments that come back may be used from any thread, and may outlive
/// the registry. Asking again for a name with the same labels gives the same
/// instrument, so whoever measures need not know who else does.
class registry {
public:
  struct options {
    /// Series (a name with one set of labels) in all; a histogram counts once.
    size_t series_max = 4096;
    /// Labels of one series.
    size_t labels_max = 8;
    /// Bytes of one label value; longer ones are refused.
    size_t label_value_max = 256;
    /// Buckets of one histogram, without the one for +Inf.
    size_t buckets_max = 64;
  };

  registry() = default;

  explicit registry(const options& opts) : opts_{opts} {
    // nop
  }

  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  /// Returns the counter with that name, made if need be. Names follow
  /// [a-zA-Z_:][a-zA-Z0-9_:]*, label names [a-zA-Z_][a-zA-Z0-9_]* and not
  /// "__...". Errors: invalid_option for a bad name or label, duplicate_name
  /// when the name belongs to an instrument of another kind, limit_reached.
  result<counter> add_counter(std::string_view name, std::string_view help,
                              const labels& where = {});

  /// As `add_counter`, for a value that goes up and down.
  result<gauge> add_gauge(std::string_view name, std::string_view help,
                          const labels& where = {});

  /// As `add_counter`. `bounds` are the upper limits of the buckets, inclusive,
  /// finite and ascending. All series of a name share the bounds of the first;
  /// others are a duplicate_name. The label "le" is taken.
  result<histogram> add_histogram(std::string_view name, std::string_view help,
                                  const std::vector<double>& bounds,
                                  const labels& where = {});

  /// Forgets one series, e.g. that of a peer that left. Who still holds the
  /// instrument may go on using it to no effect. Returns whether it was there.
  bool remove(std::string_view name, const labels& where);

  /// Returns the number of series.
  [[nodiscard]] size_t size() const;

  /// Returns all series in the Prometheus text format 0.0.4, sorted by name and
  /// labels. Source: prometheus.io, "Exposition formats".
  [[nodiscard]] std::string text() const;

  /// The media type to send `text()` with.
  static constexpr std::string_view content_type
    = "text/plain; version=0.0.4; charset=utf-8";

private:
  struct family {
    kind type = kind::counter;
    std::string help;
    std::vector<double> bounds;
    /// The key is the label part of a line, ready to print: a="b",c="d".
    std::map<std::string, std::shared_ptr<cell>> series;
  };

  result<std::shared_ptr<cell>> add(kind type, std::string_view name,
                                    std::string_view help, const labels& where,
                                    const std::vector<double>& bounds);

  result<void> check(kind type, std::string_view name,
                     const labels& where) const;

  options opts_;
  mutable std::mutex mutex_;
  std::map<std::string, family, std::less<>> families_;
  size_t size_ = 0;
};

} // namespace starling::metrics
