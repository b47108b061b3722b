#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace starling::detector {

/// Returns how far rows are believed that are so large a part of all where
/// `usual` is the most that is ordinary: in full up to there, then the fourth
/// power of the excess, so that at twice what is usual next to nothing is.
[[nodiscard]] double trust_at(double share, double usual);

/// Tells bursts that are a habit from rows that were put in, where both lie as
/// far out.
///
/// A habit returns: its rows lie in one direction, and are few. What somebody
/// puts in to blind a detector has to be many: a large group of its own, rows
/// each in another direction, or the calmer rows of a group whose others are
/// wilder than any burst. So rows are grouped by direction, and
///
/// - no row of a group is believed where more than `wild_max` of it are wild;
/// - rows without a group, and groups, largest first, are believed the less the
///   more there are, until at most `rest_max` of all rows are believed in full
///   that lie so far out. That holds while there are no more than `bursts_max`.
///
/// Groups are made in one pass, each row joining the nearest or leading one of
/// its own (Hartigan's leader algorithm), since they are few and well apart.
class burst_groups {
public:
  struct options {
    size_t features = 0;
    /// Cosine of the angle to its centre within which a row is of a group.
    double likeness = 0.8;
    /// Parts of all rows.
    double bursts_max = 0.08;
    double rest_max = 0.06;
    /// Of those, without a group.
    double lonely_max = 0.02;
    /// Part of a group.
    double wild_max = 0.15;
    size_t groups_max = 64;
  };

  /// @pre features is above zero.
  explicit burst_groups(const options& opts);

  void clear();

  /// Shows a row that lies far out, by its whitened values. @pre not all 0.
  void show(std::span<const float> row);

  /// Counts a row to a group, once all were shown.
  void count(std::span<const float> row, bool is_wild);

  /// Says how far they are believed, in a sample of so many rows.
  void judge(size_t rows);

  /// Returns how far a row that lies far out is believed, in [0, 1].
  [[nodiscard]] double trust(std::span<const float> row) const;

  [[nodiscard]] size_t state_bytes() const;

private:
  struct group {
    /// Sum of the directions of its rows.
    std::vector<float> centre;
    double rows = 0.0;
    double wild_rows = 0.0;
    double trust = 1.0;

    [[nodiscard]] double tame() const {
      return rows - wild_rows;
    }
  };

  /// Returns the place of the nearest group, or their number if none is near.
  [[nodiscard]] size_t find(std::span<const float> row) const;

  /// Two rows make no group.
  void dissolve_small();

  /// Believes the largest that are believed in full no more than `trust`, until
  /// that makes up for as many rows.
  void doubt_largest(double excess, double trust);

  options opts_;
  std::vector<group> groups_;
  /// Rows that have none.
  group lonely_;
};

} // namespace starling::detector
