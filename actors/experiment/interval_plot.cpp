#include "actors/experiment/interval_plot.hpp"

#include "actors/experiment/axis.hpp"
#include "actors/experiment/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <utility>

namespace starling::experiment {

namespace {

constexpr auto width = 400.0;
constexpr auto height = 250.0;
constexpr auto left = 40.0;
constexpr auto right = width - 10.0;
constexpr auto top = 32.0;
/// Labels of places that don't fit side by side are turned.
constexpr auto letter_width = 6.2;

/// Draws a mark around a point: methods differ in shape, too, for eyes that
/// don't tell the colours apart.
std::string mark(size_t style, double x, double y, double size) {
  switch (style % 4) {
    case 0:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>",
                         x, y, size);
    case 1:
      return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                         "height=\"{:.1f}\"/>",
                         x - 0.9 * size, y - 0.9 * size, 1.8 * size,
                         1.8 * size);
    case 2:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\"/>",
                         x, y - 1.2 * size, 1.2 * size, 2.1 * size,
                         -2.4 * size);
    default:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} "
                         "{:.1f}l{:.1f} {:.1f}z\"/>",
                         x, y - 1.3 * size, 1.3 * size, 1.3 * size, -1.3 * size,
                         1.3 * size, -1.3 * size, -1.3 * size);
  }
}

std::string cut(const std::string& text, size_t letters) {
  if (text.size() <= letters)
    return text;
  auto end = letters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;
  return text.substr(0, end) + "\u2026";
}

class painter {
public:
  explicit painter(const interval_plot_input& input) : input_{input} {
    auto longest = size_t{0};
    for (const auto& place : input.places)
      longest = std::max(longest, std::min<size_t>(place.size(), letters_max));
    step_ = (right - left)
            / static_cast<double>(std::max<size_t>(1, input.places.size()));
    turned_ = static_cast<double>(longest) * letter_width > step_;
    bottom_ = height
              - (turned_ ? 18.0 + static_cast<double>(longest) * 3.6 : 26.0)
              - (input.x_name.empty() ? 0.0 : 12.0);
  }

  std::string paint() {
    add("<svg class=\"st-plot\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\">"
        "<title>{}</title>\n",
        width, height, escaped(input_.title));
    add("<text class=\"st-title\" x=\"{:.1f}\" y=\"18\">{}</text>\n", 6.0,
        escaped(cut(input_.title, 54)));
    frame();
    places();
    for (size_t i = 0; i < input_.series.size(); ++i)
      series(i);
    out_ += "</svg>\n";
    return std::move(out_);
  }

private:
  static constexpr size_t letters_max = 20;

  template <class... Ts>
  void add(fmt::format_string<Ts...> text, Ts&&... values) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Ts>(values)...);
  }

  [[nodiscard]] double y(double value) const {
    return bottom_ - (bottom_ - top) * std::clamp(value, 0.0, 1.0);
  }

  /// Methods stand side by side at a place, so that whiskers don't cover each
  /// other.
  [[nodiscard]] double x(size_t place, size_t series) const {
    const auto count = static_cast<double>(input_.series.size());
    const auto spread
      = std::min(step_ * 0.7, count * (input_.joined ? 4.5 : 22.0));
    const auto shift
      = count > 1.0 ? spread * (static_cast<double>(series) / (count - 1) - 0.5)
                    : 0.0;
    return left + step_ * (static_cast<double>(place) + 0.5) + shift;
  }

  void frame() {
    for (auto tick : axis{0.0, 1.0}.ticks(5))
      add("<path class=\"st-grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/><text "
          "x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
          left, y(tick), right, left - 6.0, y(tick) + 3.5, tick_label(tick));
    add("<rect class=\"st-frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"/>\n",
        left, top, right - left, bottom_ - top);
  }

  void places() {
    for (size_t i = 0; i < input_.places.size(); ++i) {
      const auto at = left + step_ * (static_cast<double>(i) + 0.5);
      const auto text = escaped(cut(input_.places[i], letters_max));
      if (turned_)
        add("<text text-anchor=\"end\" transform=\"translate({:.1f} {:.1f}) "
            "rotate(-35)\">{}</text>\n",
            at + 4.0, bottom_ + 12.0, text);
      else
        add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}"
            "</text>\n",
            at, bottom_ + 15.0, text);
    }
    if (!input_.x_name.empty())
      add("<text class=\"st-name\" x=\"{:.1f}\" y=\"{:.1f}\" "
          "text-anchor=\"end\">{}</text>\n",
          right, height - 5.0, escaped(input_.x_name));
  }

  void series(size_t index) {
    const auto& from = input_.series[index];
    assert(from.points.size() == input_.places.size());
    add("<g class=\"st-s{}\">", from.style % interval_styles);
    auto line = std::string{};
    auto marks = std::string{};
    for (size_t i = 0; i < from.points.size(); ++i) {
      const auto& point = from.points[i];
      if (!point || !std::isfinite(point->value)) {
        // A gap parts the line.
        flush(line);
        continue;
      }
      const auto at = x(i, index);
      line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? 'M' : 'L', at,
                          y(point->value));
      if (point->high > point->low)
        add("<path class=\"st-whisker\" d=\"M{0:.1f} {1:.1f}V{2:.1f}M{3:.1f} "
            "{1:.1f}h5M{3:.1f} {2:.1f}h5\"/>",
            at, y(point->low), y(point->high), at - 2.5);
      marks += fmt::format(
        "<g><title>{}, {}: {:.3f} [{:.3f}, {:.3f}]</title>{}</g>",
        escaped(from.name), escaped(input_.places[i]), point->value, point->low,
        point->high, mark(from.style, at, y(point->value), 3.0));
    }
    flush(line);
    out_ += marks + "</g>\n";
  }

  void flush(std::string& line) {
    if (input_.joined && !line.empty())
      add("<path class=\"st-series\" d=\"{}\"/>", line);
    line.clear();
  }

  const interval_plot_input& input_;
  double step_ = 0.0;
  double bottom_ = 0.0;
  bool turned_ = false;
  std::string out_;
};

} // namespace

std::string draw_intervals(const interval_plot_input& input) {
  return painter{input}.paint();
}

std::string interval_legend(const std::vector<std::string>& methods) {
  auto out = std::string{"<p class=\"legend\">"};
  for (size_t i = 0; i < methods.size(); ++i)
    out += fmt::format("<span><svg class=\"st-key\" viewBox=\"0 0 14 14\" "
                       "aria-hidden=\"true\"><g class=\"st-s{}\">{}</g></svg>"
                       "{}</span>",
                       i % interval_styles, mark(i, 7.0, 7.0, 4.0),
                       escaped(methods[i]));
  return out + "</p>\n";
}

std::string_view interval_style() {
  // The first is the method that others are compared with. The colours are
  // those of Okabe and Ito but for their yellow, which is too pale on white.
  return R"css(
.st-s0{--c:var(--st-accent)}.st-s1{--c:#d55e00}.st-s2{--c:#009e73}
.st-s3{--c:#cc79a7}.st-s4{--c:#e69f00}.st-s5{--c:#56b4e9}
.st-s6{--c:var(--st-truth)}.st-s7{--c:var(--st-muted)}
[class^="st-s"]{fill:var(--c)}
.st-series{fill:none;stroke:var(--c);stroke-width:1.3;opacity:.75}
.st-s0 .st-series{stroke-width:2.2;opacity:1}
.st-whisker{fill:none;stroke:var(--c);stroke-width:1;opacity:.8}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;max-width:none;
font-size:13.5px}
.legend span{display:inline-flex;align-items:center;gap:5px}
.st-key{width:14px;height:14px}
.plots{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,
minmax(330px,1fr))}
.plots+h3,.plots+.note+h3{margin-top:24px}
.box tbody tr.part{border-top:1px solid var(--st-line)}
details{margin:8px 0}
summary{cursor:pointer;font-size:14px}
.plots figure{margin:0;padding:8px 10px 6px}
)css";
}

} // namespace starling::experiment
