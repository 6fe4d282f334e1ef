"""The one style sheet, and what allows it: the policy names it by its hash, so that no other style is ever applied."""

from __future__ import annotations

import base64
import hashlib

SHEET = """
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--text:#1b2430;--soft:#55606f;--line:#dfe3e9;--link:#1a56b0;
--now:#4477c4;--before:#1b2430;--bad:#f6d9d6;--track:#e6e9ee;
--well:#176b43;--well-bg:#e6f4ec;--unknown:#55606f;--unknown-bg:#eceff3;--info:#1a56b0;--info-bg:#e6effb;
--warning:#7c4a03;--warning-bg:#fdf0d3;--critical:#ac1f1f;--critical-bg:#fde8e6;--emergency:#fff;--emergency-bg:#8f1414}
@media(prefers-color-scheme:dark){:root{--page:#10151c;--card:#18202a;--text:#e7ebf0;--soft:#a3afbd;--line:#2c3744;
--link:#8fbcff;--now:#5b8fdc;--before:#e7ebf0;--bad:#4b2526;--track:#2c3744;
--well:#7ed6a5;--well-bg:#14301f;--unknown:#a3afbd;--unknown-bg:#242e3a;--info:#8fbcff;--info-bg:#15294a;
--warning:#f3c266;--warning-bg:#3a2b0c;--critical:#ff9b93;--critical-bg:#431a1a;--emergency:#fff;--emergency-bg:#a31b1b}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 1.5rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;justify-content:space-between;padding-top:1rem;
padding-bottom:.75rem;color:var(--soft);font-size:.875rem}
header nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0;padding:0}
.brand{font-weight:600;color:var(--text);text-decoration:none}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:1}
h1{font-size:1.75rem;line-height:1.25;margin:1rem 0 .25rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.125rem;line-height:1.3;margin:0 0 .25rem;font-weight:650}
h3{font-size:1rem;line-height:1.3;margin:0;font-weight:600}
p{margin:0 0 .5rem}.soft,caption,th{color:var(--soft)}.small{font-size:.875rem}.lead{font-size:1.0625rem;margin-bottom:1.5rem}
section,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.25rem 1.5rem}
section{margin:0 0 1.25rem;scroll-margin-top:1rem}
section.plain{background:none;border:0;padding:0}
.icon{width:1.25rem;height:1.25rem;flex:none;fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round;
stroke-linejoin:round;vertical-align:-.25em}
.state{display:inline-flex;align-items:center;gap:.4rem;font-weight:600;white-space:nowrap}
.pill{padding:.2rem .7rem .2rem .5rem;border-radius:999px;font-size:.875rem}
.state.well,.icon.well{color:var(--well)}.state.unknown,.icon.unknown{color:var(--unknown)}
.state.info,.icon.info{color:var(--info)}.state.warning,.icon.warning{color:var(--warning)}
.state.critical,.icon.critical{color:var(--critical)}.state.emergency{color:var(--critical)}
.pill.well{background:var(--well-bg)}.pill.unknown{background:var(--unknown-bg)}.pill.info{background:var(--info-bg)}
.pill.warning{background:var(--warning-bg)}.pill.critical{background:var(--critical-bg)}
.pill.emergency{background:var(--emergency-bg);color:var(--emergency)}.pill.emergency .icon{color:inherit}
.icon.emergency{color:var(--critical)}
.banner{display:flex;gap:1rem;align-items:center;border-radius:10px;padding:1rem 1.5rem;margin:.75rem 0 1.5rem}
.banner .icon{width:2.25rem;height:2.25rem}.banner p{margin:0}.banner strong{display:block;font-size:1.125rem;line-height:1.35}
.banner.well{background:var(--well-bg);color:var(--well)}.banner.unknown{background:var(--unknown-bg);color:var(--unknown)}
.banner.info{background:var(--info-bg);color:var(--info)}.banner.warning{background:var(--warning-bg);color:var(--warning)}
.banner.critical{background:var(--critical-bg);color:var(--critical)}
.banner.emergency{background:var(--emergency-bg);color:var(--emergency)}.banner.emergency .icon{color:inherit}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(21rem,100%),1fr));gap:1.25rem;list-style:none;
margin:0 0 1.5rem;padding:0}
.model{display:flex;flex-direction:column;gap:.75rem;padding:0;overflow:hidden}
.model>*{padding:0 1.25rem}.model .top{display:flex;gap:.75rem;align-items:center;padding:.75rem 1.25rem}
.model .top .icon{width:1.75rem;height:1.75rem}.model .top .state{font-size:.875rem}.model h2{margin:0;flex:1}
.model h2 a{color:inherit;text-decoration:none}.model h2 a:hover{text-decoration:underline}
.top.well{background:var(--well-bg)}.top.unknown{background:var(--unknown-bg)}.top.info{background:var(--info-bg)}
.top.warning{background:var(--warning-bg)}.top.critical{background:var(--critical-bg)}
.top.emergency{background:var(--emergency-bg);color:var(--emergency)}.top.emergency .icon,.top.emergency .state{color:inherit}
.model.warning{border-color:var(--warning)}.model.critical,.model.emergency{border-color:var(--critical)}
.cards li{display:grid}.model ul{margin:0;padding-left:2.4rem;list-style:disc}.model li{display:list-item}.model dl{margin-top:auto;padding-bottom:1rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:.75rem 1.25rem;margin:0}
.facts dt{color:var(--soft);font-size:.8125rem;line-height:1.3}.facts dd{margin:0;font-weight:600}
.findings{list-style:none;margin:0;padding:0}
.findings li{display:flex;gap:.75rem;padding:.6rem 0;border-top:1px solid var(--line)}.findings li:first-child{border-top:0}
.findings p{margin:0}.findings .icon{margin-top:.125rem}.findings strong{font-weight:600}
.scroll+div,.scroll+.scroll{margin-top:1.5rem}.scroll{overflow-x:auto;margin:0 -.5rem;padding:0 .5rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;font-size:.875rem;padding:0 0 .5rem}
th,td{text-align:left;vertical-align:middle;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{font-size:.8125rem;font-weight:500;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:600;color:var(--text)}tbody tr:last-child>*{border-bottom:0}
.n{text-align:right;white-space:nowrap}.n+td:not(.n),.n+th:not(.n){padding-left:.6rem}td .state{font-weight:500}.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
svg{display:block;max-width:100%;overflow:visible}svg.icon{display:inline-block}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.now{fill:var(--now)}.before{fill:none;stroke:var(--before);stroke-width:1.75}
.axis{stroke:var(--line);stroke-width:2}.range{stroke:var(--now);stroke-width:4;opacity:.45}.bad{fill:var(--bad)}
.track{fill:var(--track)}.notch{stroke:var(--text);stroke-width:2}
.fill.well{fill:var(--well)}.fill.info{fill:var(--info)}.fill.warning{fill:var(--warning)}
.fill.critical,.fill.emergency{fill:var(--critical)}.fill.unknown{fill:var(--unknown)}
.columns{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19rem,100%),1fr));gap:1.25rem;list-style:none;
margin:1rem 0 1.5rem;padding:0}
.columns li{display:flex;flex-direction:column;gap:.4rem;border:1px solid var(--line);border-radius:8px;padding:1rem}
.columns .chart{margin-top:auto;width:100%;height:auto}.columns p{margin:0}.head{display:flex;flex-wrap:wrap;gap:.25rem .75rem;justify-content:space-between}section>.head{justify-content:start;margin-bottom:.75rem}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;font-size:.875rem;color:var(--soft)}
.key span{display:inline-flex;gap:.4rem;align-items:center}.key svg{width:1.25rem;height:.875rem}
.pair{display:flex;gap:.75rem;align-items:center}.pair .multiple{flex:none}
details{margin-top:.75rem}summary{cursor:pointer;color:var(--link);padding:.35rem 0}
code{font:.8125rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--soft)}
.columns:last-child{margin-bottom:0}
footer{padding-top:.5rem;padding-bottom:2.5rem;color:var(--soft);font-size:.875rem}
@media(max-width:60rem){.scroll{overflow:visible}
.stack,.stack tbody,.stack caption{display:block}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.1rem 1.5rem;
padding:.7rem 0;border-bottom:1px solid var(--line)}.stack tr:last-child{border-bottom:0}
.stack th,.stack td,.stack .n+td:not(.n){border:0;padding:.1rem 0;text-align:left}.stack tbody th{grid-column:1/-1}
.stack td{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.75rem;white-space:normal;align-items:center}
.stack td:empty{display:none}.stack td .state{white-space:normal}
.stack td::before{content:attr(data-label);color:var(--soft);font-size:.875rem}}
@media(max-width:40rem){header,main,footer{padding-left:1rem;padding-right:1rem}section{padding:1rem}
.banner{padding:1rem}h1{font-size:1.5rem}}
@media print{:root{color-scheme:light}body{background:#fff}header nav,.skip{display:none}section,.card,.columns li,tr{
break-inside:avoid}section,.card{border-color:#bbb}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
details::details-content{content-visibility:visible;display:block}}
""".replace("\n", "")

_HASH = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()

POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{_HASH}'; "
    # The icon of the tab, which is within the page.
    "img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of the pages: no script, no outside request, no frame."""
