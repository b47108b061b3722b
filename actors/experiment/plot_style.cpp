#include "actors/experiment/plot_style.hpp"

namespace starling::experiment {

std::string_view plot_style() {
  // Truth is violet and detection green to red, so that no colour means two
  // things. The zones also differ in lightness, for eyes that don't tell green
  // from red.
  return R"css(:root{color-scheme:light dark;
--st-page:#f6f7f9;--st-card:#ffffff;--st-ink:#17202c;--st-muted:#5d6979;
--st-line:#dfe3e9;--st-grid:#eceff3;--st-accent:#1f5fa8;--st-soft:#e8f0f9;
--st-level:#8fb2d6;--st-score:#46566b;--st-truth:#7b4bd1;
--st-trusted:#59b583;--st-monitored:#f0b43c;--st-quarantined:#d5433f;
--st-isolated:#22262e}
@media (prefers-color-scheme:dark){:root{
--st-page:#0f1319;--st-card:#171c24;--st-ink:#e7ebf1;--st-muted:#93a0b2;
--st-line:#2b333f;--st-grid:#232a35;--st-accent:#7db7f2;--st-soft:#1b2a3b;
--st-level:#45698f;--st-score:#94a6bd;--st-truth:#b08cf5;
--st-trusted:#3f9468;--st-monitored:#e0a63a;--st-quarantined:#ef6461;
--st-isolated:#000000}}
.st-plot{display:block;width:100%;height:auto;
font:11px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;
font-variant-numeric:tabular-nums}
.st-plot text{fill:var(--st-muted)}
.st-plot .st-title{fill:var(--st-ink);font-size:13px;font-weight:600}
.st-plot .st-name{fill:var(--st-ink);font-weight:600}
.st-back{fill:var(--st-card)}
.st-grid{stroke:var(--st-grid);stroke-width:1;shape-rendering:crispEdges}
.st-frame{fill:none;stroke:var(--st-line);shape-rendering:crispEdges}
.st-curve{fill:none;stroke-width:1.1;stroke-linejoin:round}
.st-score{stroke:var(--st-score)}
.st-truth{fill:var(--st-truth);opacity:.15}
.st-hit,.st-missed{stroke:var(--st-truth);stroke-width:1.2}
.st-hit{fill:var(--st-truth)}
.st-missed{fill:var(--st-card)}
.st-limit{stroke-width:1;stroke-dasharray:4 3;fill:none}
.st-m{stroke:var(--st-monitored)}
.st-q{stroke:var(--st-quarantined)}
.st-z0{fill:var(--st-trusted)}
.st-z1{fill:var(--st-monitored)}
.st-z2{fill:var(--st-quarantined)}
.st-z3{fill:var(--st-isolated);stroke:var(--st-muted);stroke-width:.5}
.st-below{stop-color:var(--st-level)}
.st-above-m{stop-color:var(--st-monitored)}
.st-above-q{stop-color:var(--st-quarantined)}
)css";
}

} // namespace starling::experiment
