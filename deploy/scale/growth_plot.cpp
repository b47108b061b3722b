#include "deploy/scale/growth_plot.hpp"

#include "actors/experiment/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace starling::deploy {

namespace {

using experiment::escaped;

constexpr double width = 520.0;
constexpr double height = 380.0;
constexpr double left = 58.0;
constexpr double right = 16.0;
constexpr double top = 56.0;
constexpr double bottom = 34.0;

/// Decades that hold all values of one axis.
struct decades {
  int first = 0;
  int last = 1;

  static decades of(const std::vector<double>& values) {
    if (values.empty())
      return {};
    const auto [least, most] = std::ranges::minmax(values);
    auto found = decades{static_cast<int>(std::floor(std::log10(least))),
                         static_cast<int>(std::ceil(std::log10(most)))};
    found.last = std::max(found.last, found.first + 1);
    return found;
  }

  [[nodiscard]] double place(double value) const {
    return (std::log10(value) - first) / (last - first);
  }
};

std::string decade_label(int exponent) {
  constexpr const char* named[] = {"1", "10", "100", "1k", "10k", "100k", "1M"};
  if (exponent >= 0 && exponent <= 6)
    return named[exponent];
  return fmt::format("10<tspan dy=\"-4\" font-size=\"8\">{}</tspan>", exponent);
}

class plot {
public:
  explicit plot(const std::vector<growth_curve>& curves) : curves_{curves} {
    auto sizes = std::vector<double>{};
    auto costs = std::vector<double>{};
    for (const auto& curve : curves)
      for (const auto& p : curve.points)
        if (p.size > 0.0 && p.cost > 0.0) {
          sizes.push_back(p.size);
          costs.push_back(p.cost);
        }
    x_ = decades::of(sizes);
    y_ = decades::of(costs);
  }

  std::string draw(const std::string& title, const std::string& unit) {
    out_ = fmt::format("<svg class=\"st-plot\" viewBox=\"0 0 {} {}\" "
                       "role=\"img\" aria-label=\"{}\">\n"
                       "<text class=\"st-title\" x=\"{}\" y=\"18\">{}</text>\n",
                       width, height, escaped(title), left, escaped(title));
    axes(unit);
    for (const auto& curve : curves_)
      draw(curve);
    legend();
    return out_ + "</svg>\n";
  }

private:
  [[nodiscard]] double x(double size) const {
    return left + (width - left - right) * x_.place(size);
  }

  [[nodiscard]] double y(double cost) const {
    return height - bottom - (height - top - bottom) * y_.place(cost);
  }

  void axes(const std::string& unit) {
    for (auto e = x_.first; e <= x_.last; ++e) {
      const auto at = x(std::pow(10.0, e));
      out_ += fmt::format("<path class=\"st-grid\" d=\"M{:.1f} {}V{}\"/>"
                          "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">"
                          "{}</text>\n",
                          at, top, height - bottom, at, height - bottom + 16,
                          decade_label(e));
    }
    const auto stride = std::max(1, (y_.last - y_.first + 7) / 8);
    for (auto e = y_.first; e <= y_.last; e += stride) {
      const auto at = y(std::pow(10.0, e));
      out_ += fmt::format("<path class=\"st-grid\" d=\"M{} {:.1f}H{}\"/>"
                          "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">"
                          "{}</text>\n",
                          left, at, width - right, left - 6, at + 4,
                          decade_label(e));
    }
    out_
      += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">agents"
                     "</text><text x=\"{}\" y=\"18\" text-anchor=\"end\">"
                     "{}</text>\n",
                     width - right, height - 3, width - right, escaped(unit));
  }

  void draw(const growth_curve& curve) {
    auto path = std::string{};
    auto marks = std::string{};
    for (const auto& p : curve.points) {
      if (!(p.size > 0.0) || !(p.cost > 0.0))
        continue;
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L',
                          x(p.size), y(p.cost));
      marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" "
                           "fill=\"{}\" stroke=\"{}\"/>",
                           x(p.size), y(p.cost),
                           curve.projected ? "var(--st-card)" : curve.colour,
                           curve.colour);
    }
    out_ += fmt::format("<path class=\"st-curve\" stroke=\"{}\" "
                        "stroke-width=\"1.6\"{} d=\"{}\"/>{}\n",
                        curve.colour,
                        curve.projected ? " stroke-dasharray=\"4 3\"" : "",
                        path, marks);
  }

  void legend() {
    auto at = left;
    for (const auto& curve : curves_) {
      out_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"34\" r=\"4\" fill=\"{}\" "
                          "stroke=\"{}\"/><text x=\"{:.1f}\" y=\"38\">{}"
                          "</text>\n",
                          at + 4.0,
                          curve.projected ? "var(--st-card)" : curve.colour,
                          curve.colour, at + 12.0, escaped(curve.name));
      // About six pixels a letter.
      at += 24.0 + 6.0 * static_cast<double>(curve.name.size());
    }
  }

  const std::vector<growth_curve>& curves_;
  decades x_;
  decades y_;
  std::string out_;
};

} // namespace

std::string draw_growth(const std::string& title, const std::string& unit,
                        const std::vector<growth_curve>& curves) {
  return plot{curves}.draw(title, unit);
}

} // namespace starling::deploy
