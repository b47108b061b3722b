#include "actors/experiment/report_style.hpp"

namespace starling::experiment {

std::string_view report_style() {
  return R"css(*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--st-page);color:var(--st-ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:40px 24px 72px}
h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:4px 0 10px}
h2{font-size:21px;letter-spacing:-.01em;margin:52px 0 4px}
h3{font-size:15px;margin:0 0 10px}
p{margin:6px 0 14px;max-width:76ch}
a{color:var(--st-accent);text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}
code{font:13px/1.6 ui-monospace,"SF Mono","DejaVu Sans Mono",monospace}
.eyebrow{color:var(--st-accent);font-size:12px;font-weight:700;
letter-spacing:.12em;text-transform:uppercase;margin:0}
.meta,.note{color:var(--st-muted)}
.note{font-size:13.5px}
.meta{display:flex;flex-wrap:wrap;gap:0 1.4em;max-width:none}
.meta span{white-space:nowrap}
nav{margin:18px 0 0;display:flex;flex-wrap:wrap;gap:6px 18px;font-size:14px}
.cards{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;
margin:28px 0 0}
@media (max-width:820px){.cards{grid-template-columns:repeat(2,1fr)}}
.card,.box,figure{background:var(--st-card);border:1px solid var(--st-line);
border-radius:10px}
.card{padding:14px 16px 12px}
.card b{display:block;font-size:27px;line-height:1.2;letter-spacing:-.02em;
font-variant-numeric:tabular-nums}
.card i{display:block;font-style:normal;font-size:13px;font-weight:600}
.card small{color:var(--st-muted);font-size:12.5px}
.card.lead{background:var(--st-soft);border-color:transparent}
.card.lead b{color:var(--st-accent)}
.box{padding:6px 0;overflow-x:auto;margin:12px 0}
.tall{max-height:560px;padding-top:0}
.tall th{position:sticky;top:0;padding-top:12px;background:var(--st-card)}
.families{display:grid;gap:12px}
.families .box{margin:0}
.box h3{padding:8px 16px 0;margin:0}
table{border-collapse:collapse;width:100%;font-size:14px;
font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:right;white-space:nowrap;vertical-align:top}
th:first-child,td:first-child{padding-left:16px}
th:last-child,td:last-child{padding-right:16px}
th{color:var(--st-muted);font-size:12.5px;font-weight:600}
tbody tr{border-top:1px solid var(--st-grid)}
tbody tr.part{border-top:2px solid var(--st-line)}
tbody tr.own{background:var(--st-soft)}
.text{text-align:left}
.wide{text-align:left;white-space:normal;min-width:220px;
overflow-wrap:anywhere}
.soft{color:var(--st-muted)}
.best{font-weight:700}
.bar{display:inline-block;vertical-align:middle;width:90px;height:8px;
margin-right:10px;border-radius:4px;background:var(--st-grid);overflow:hidden}
.bar span{display:block;height:100%;border-radius:4px;
background:var(--st-muted)}
.own .bar{background:var(--st-card)}
.own .bar span{background:var(--st-accent)}
.number{display:inline-block;min-width:3.2em}
.zone{display:inline-flex;align-items:center;font-size:12.5px}
.zone::before{content:"";width:9px;height:9px;border-radius:2px;
margin-right:6px;background:var(--zone)}
.z0{--zone:var(--st-trusted)}
.z1{--zone:var(--st-monitored)}
.z2{--zone:var(--st-quarantined)}
.z3{--zone:var(--st-isolated)}
.z3::before{outline:1px solid var(--st-muted)}
figure{margin:14px 0;padding:14px 16px 10px;scroll-margin-top:12px}
figcaption{color:var(--st-muted);font-size:13px;margin-top:6px}
figcaption span+span::before{content:"·";margin:0 .5em}
pre{margin:12px 0;padding:14px 16px;overflow-x:auto;border-radius:10px;
background:var(--st-card);border:1px solid var(--st-line)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;
font-size:14px}
dt{font-weight:600}
dd{margin:0;color:var(--st-muted)}
@media (max-width:620px){dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:8px}}
footer{margin-top:56px;color:var(--st-muted);font-size:13px}
@media print{body{background:none}main{padding:0;max-width:none}
figure,.card,tr{break-inside:avoid}nav{display:none}.tall{max-height:none}}
)css";
}

} // namespace starling::experiment
