#include "actors/experiment/svg_plot.hpp"

#include "actors/experiment/axis.hpp"
#include "actors/experiment/down_sampling.hpp"
#include "actors/experiment/markup.hpp"
#include "actors/experiment/plot_style.hpp"
#include "actors/experiment/zone_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

namespace starling::experiment {

namespace {

constexpr auto margin_left = 52.0;
constexpr auto margin_right = 44.0;
constexpr auto header_height = 40.0;
constexpr auto gap = 12.0;
constexpr auto strip_height = 12.0;
constexpr auto footer_height = 22.0;
/// Narrower marks would be missed by the eye.
constexpr auto mark_width_min = 3.0;

/// Cuts a title that would run into the legend.
std::string shortened(const std::string& title) {
  constexpr auto length_max = size_t{44};
  if (title.size() <= length_max)
    return title;
  auto end = length_max;
  while (end > 0 && (static_cast<unsigned char>(title[end]) & 0xc0) == 0x80)
    --end;
  return title.substr(0, end) + "\u2026";
}

/// A part of the drawing with a vertical axis of its own.
struct panel {
  double top;
  double bottom;
  axis scale;

  [[nodiscard]] double y(double value) const {
    return bottom - (bottom - top) * scale.place(value);
  }
};

/// Draws one plot; each member function appends one layer.
class painter {
public:
  painter(const plot_input& input, const plot_options& opts)
    : input_{input},
      opts_{opts},
      width_{static_cast<double>(opts.width)},
      height_{static_cast<double>(opts.height)},
      right_{width_ - margin_right},
      strip_top_{height_ - footer_height - strip_height},
      levels_{header_height, 0.0, axis{0.0, 1.0}},
      scores_{0.0, strip_top_ - gap / 2, axis::fitted(input.scores)} {
    const auto space = scores_.bottom - levels_.top - gap;
    levels_.bottom = levels_.top + space * 0.52;
    scores_.top = levels_.bottom + gap;
  }

  std::string paint() {
    open();
    header();
    truth();
    frame(levels_, {0.0, 0.5, 1.0}, "level");
    frame(scores_, scores_.scale.ticks(4), "score");
    curve(scores_, input_.scores, "class=\"st-curve st-score\"");
    curve(levels_, input_.levels,
          fmt::format("class=\"st-curve\" stroke=\"url(#{}-g)\"", opts_.id));
    limit(input_.monitored_above, 'm');
    limit(input_.quarantined_above, 'q');
    strip();
    rows();
    out_ += "</svg>\n";
    return std::move(out_);
  }

private:
  template <class... Ts>
  void add(fmt::format_string<Ts...> text, Ts&&... values) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Ts>(values)...);
  }

  /// The left edge of a row.
  [[nodiscard]] double x(double row) const {
    const auto count = std::max(size_t{1}, input_.scores.size());
    return margin_left
           + (right_ - margin_left) * row / static_cast<double>(count);
  }

  void open() {
    add("<svg class=\"st-plot\" xmlns=\"http://www.w3.org/2000/svg\" "
        "viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-t\">"
        "<title id=\"{2}-t\">{3}</title>\n",
        opts_.width, opts_.height, opts_.id,
        escaped(input_.title.empty() ? "Scores and zones" : input_.title));
    if (opts_.standalone)
      add("<style>{}</style>\n<rect class=\"st-back\" width=\"100%\" "
          "height=\"100%\"/>\n",
          plot_style());
    gradient();
  }

  /// Colours the curve of levels by height, so that what exceeds a threshold
  /// stands out even in a single pixel column.
  void gradient() {
    const auto monitored = 1.0 - input_.monitored_above;
    const auto quarantined = 1.0 - input_.quarantined_above;
    add("<defs><linearGradient id=\"{0}-g\" gradientUnits=\"userSpaceOnUse\" "
        "x1=\"0\" x2=\"0\" y1=\"{1:.1f}\" y2=\"{2:.1f}\">"
        "<stop class=\"st-above-q\" offset=\"{3:.4g}\"/>"
        "<stop class=\"st-above-m\" offset=\"{3:.4g}\"/>"
        "<stop class=\"st-above-m\" offset=\"{4:.4g}\"/>"
        "<stop class=\"st-below\" offset=\"{4:.4g}\"/>"
        "</linearGradient></defs>\n",
        opts_.id, levels_.top, levels_.bottom, quarantined, monitored);
  }

  void header() {
    add("<text class=\"st-title\" x=\"{:.0f}\" y=\"14\">{}</text>\n",
        margin_left, escaped(shortened(input_.title)));
    auto left = right_;
    for (auto rank = zone_names.size(); rank-- > 0;)
      legend(left, fmt::format("st-z{}", rank), zone_names[rank]);
    if (!incidents().empty())
      legend(left, "st-truth", "incident");
  }

  /// Writes one entry of the legend to the left of the last one.
  void legend(double& left, std::string_view style, std::string_view name) {
    // Room for the widest usual font; exact widths are its secret.
    left -= static_cast<double>(name.size()) * 7.8 + 24.0;
    const auto opaque = style == "st-truth" ? " style=\"opacity:.45\"" : "";
    add("<rect class=\"{}\"{} x=\"{:.1f}\" y=\"5\" width=\"10\" height=\"10\" "
        "rx=\"2\"/><text x=\"{:.1f}\" y=\"14\">{}</text>\n",
        style, opaque, left, left + 14.0, name);
  }

  [[nodiscard]] std::vector<incident> incidents() const {
    return incidents_of(input_.labels);
  }

  void truth() {
    for (const auto& rows : incidents()) {
      const auto from = x(static_cast<double>(rows.begin));
      const auto wide = x(static_cast<double>(rows.end)) - from;
      const auto delay
        = detection_delay(rows, input_.levels, input_.quarantined_above);
      const auto mark_width = std::max(wide, mark_width_min);
      const auto middle = from + wide / 2;
      add("<g><title>incident, rows {}\u2013{}, {}</title>", rows.begin,
          rows.end - 1,
          delay ? fmt::format("hit after {} rows", *delay)
                : std::string{"missed"});
      add("<rect class=\"st-truth\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
          "height=\"{:.1f}\"/>",
          std::min(from, middle - 0.75), levels_.top, std::max(wide, 1.5),
          scores_.bottom - levels_.top);
      add("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
          "height=\"4\" rx=\"1\"/></g>\n",
          delay ? "st-hit" : "st-missed", middle - mark_width / 2,
          levels_.top - 8.0, mark_width);
    }
  }

  void frame(const panel& in, const std::vector<double>& ticks,
             std::string_view name) {
    for (auto tick : ticks) {
      const auto y = in.y(tick);
      add("<path class=\"st-grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
          "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
          margin_left, y, right_, margin_left - 6.0, y + 3.5, tick_label(tick));
    }
    const auto middle = (in.top + in.bottom) / 2;
    add("<text class=\"st-name\" text-anchor=\"middle\" transform=\"translate("
        "11 {:.1f}) rotate(-90)\">{}</text>\n",
        middle, name);
    add("<rect class=\"st-frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"/>\n",
        margin_left, in.top, right_ - margin_left, in.bottom - in.top);
  }

  void curve(const panel& in, score_span values, std::string_view attributes) {
    const auto columns = static_cast<size_t>(right_ - margin_left);
    add("<path {} d=\"", attributes);
    auto command = 'M';
    for (const auto& point : down_sampled(values, columns)) {
      add("{}{:.1f} {:.1f}", command, x(static_cast<double>(point.row) + 0.5),
          in.y(point.value));
      command = 'L';
    }
    out_ += "\"/>\n";
  }

  void limit(double threshold, char kind) {
    const auto y = levels_.y(threshold);
    add("<path class=\"st-limit st-{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        kind, margin_left, y, right_, right_ + 6.0, y + 3.5,
        tick_label(threshold));
  }

  /// The zone of each row.
  [[nodiscard]] std::vector<size_t> zones() const {
    auto out = std::vector<size_t>{};
    out.reserve(input_.scores.size());
    auto rank = size_t{0};
    for (const auto& change : input_.zone_changes) {
      out.resize(std::min(change.t, input_.scores.size()), rank);
      rank = zone_rank(change.to).value_or(0);
    }
    out.resize(input_.scores.size(), rank);
    return out;
  }

  void strip() {
    const auto zone = zones();
    const auto columns = static_cast<size_t>(right_ - margin_left);
    const auto worst = [&](size_t column) {
      const auto begin = zone.size() * column / columns;
      const auto end
        = std::max(begin + 1, zone.size() * (column + 1) / columns);
      return *std::max_element(zone.begin() + static_cast<ptrdiff_t>(begin),
                               zone.begin() + static_cast<ptrdiff_t>(end));
    };
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">zone</text>\n",
        margin_left - 6.0, strip_top_ + strip_height - 2.5);
    for (auto begin = size_t{0}; begin < columns && !zone.empty();) {
      const auto rank = worst(begin);
      auto end = begin + 1;
      while (end < columns && worst(end) == rank)
        ++end;
      add("<rect class=\"st-z{}\" x=\"{:.0f}\" y=\"{:.1f}\" width=\"{}\" "
          "height=\"{:.0f}\"><title>{}, rows {}\u2013{}</title></rect>\n",
          rank, margin_left + static_cast<double>(begin), strip_top_,
          end - begin, strip_height, zone_names[rank],
          zone.size() * begin / columns, zone.size() * end / columns);
      begin = end;
    }
    add("<rect class=\"st-frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.0f}\"/>\n",
        margin_left, strip_top_, right_ - margin_left, strip_height);
  }

  void rows() {
    const auto count = input_.scores.size();
    if (count == 0)
      return;
    const auto y = strip_top_ + strip_height + 14.0;
    for (auto tick : axis{0.0, static_cast<double>(count)}.ticks(10))
      add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
          x(tick), y, count_text(static_cast<size_t>(tick)));
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">row</text>\n",
        margin_left - 6.0, y);
  }

  const plot_input& input_;
  const plot_options& opts_;
  double width_;
  double height_;
  double right_;
  double strip_top_;
  panel levels_;
  panel scores_;
  std::string out_;
};

} // namespace

std::string draw_plot(const plot_input& input, const plot_options& opts) {
  assert(opts.width >= 800 && opts.height >= 200);
  assert(input.levels.size() == input.scores.size());
  assert(input.labels.empty() || input.labels.size() == input.scores.size());
  return painter{input, opts}.paint();
}

} // namespace starling::experiment
