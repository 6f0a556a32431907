"""The style and the script of the report's page; its policy names both by their digests."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --back: #fff; --panel: #f4f6f8; --text: #1b1f24; --dim: #545d68; --line: #d3d9e0; --accent: #1f6feb;
  --bar: #4a86d8; --bad: #b3261e; --look: #7a5900; --good: #1b6e3c; --badbar: #cf4a41; --lookbar: #c79a1e; }
@media (prefers-color-scheme: dark) { :root { --back: #15181c; --panel: #1e2329; --text: #e6e9ed; --dim: #a7b0bb; --line: #3a424c;
  --accent: #7db3ff; --bar: #5b93dd; --bad: #ff9d94; --look: #f0c44c; --good: #7fd6a0; --badbar: #e0685e; --lookbar: #d8ad3f; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem; background: var(--back); color: var(--text); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.25rem; margin: 0 0 .5rem; }
.kind { margin: 0; color: var(--dim); text-transform: uppercase; letter-spacing: .08em; font-size: .8rem; }
p, dd, figcaption { overflow-wrap: anywhere; } a { color: var(--accent); } :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: 1rem 0; }
section, footer { margin-top: 2.5rem; scroll-margin-top: 1rem; }
.health { background: var(--panel); border-inline-start: .4rem solid var(--dim); border-radius: .4rem; padding: 1rem 1.25rem; margin-top: 1rem; }
.health.good { border-color: var(--good); } .health.look { border-color: var(--look); } .health.bad { border-color: var(--bad); }
.verdict { font-size: 1.1rem; font-weight: 600; } .badge { border: 1px solid; border-radius: 1rem; padding: .05rem .6rem; margin-inline-end: .3rem; white-space: nowrap; }
.good .badge { color: var(--good); } .look .badge, td.look { color: var(--look); } .bad .badge, td.bad { color: var(--bad); }
.numbers, .about { display: flex; flex-wrap: wrap; gap: 1rem 2.2rem; margin: 1rem 0 0; } dd { margin: 0; } dt { color: var(--dim); font-size: .85rem; }
.numbers b { font-size: 1.5rem; font-weight: 650; display: block; line-height: 1.2; } .numbers small { color: var(--dim); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
figure { background: var(--panel); border-radius: .4rem; padding: .75rem 1rem; margin: .75rem 0; min-width: 0; }
figcaption { color: var(--dim); font-size: .9rem; margin-bottom: .4rem; } svg { display: block; width: 100%; max-width: 27rem; height: auto; }
svg.sections { max-width: 50rem; min-width: 38rem; margin: 0 auto; } svg text { fill: var(--text); font-size: 12.5px; } svg .dim { fill: var(--dim); font-size: 11.5px; }
.bar { fill: var(--bar); } .bar.bad { fill: var(--badbar); } .bar.look { fill: var(--lookbar); } .node { fill: var(--bar); stroke: var(--panel); stroke-width: 2; }
.tie { fill: none; stroke: var(--bar); stroke-opacity: .38; stroke-linecap: round; } .tie:hover { stroke-opacity: .95; }
.wide { overflow: auto; } .tall { max-height: 34rem; border: 1px solid var(--line); border-radius: .4rem; margin-top: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; } caption { text-align: start; font-weight: 600; padding: .5rem .6rem; }
th, td { padding: .3rem .6rem; text-align: start; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; min-width: 4.5rem; }
thead th { position: sticky; top: 0; background: var(--panel); overflow-wrap: normal; white-space: nowrap; } td.number, th.number { text-align: end; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
thead th:not(.number) { min-width: 7rem; } td:has(a) { min-width: 14rem; } td.bad, td.look { font-weight: 600; white-space: nowrap; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
th button::after { content: "\\2195"; margin-inline-start: .3em; color: var(--dim); } th[aria-sort=ascending] button::after { content: "\\2191"; } th[aria-sort=descending] button::after { content: "\\2193"; }
.tools { margin: .75rem 0 0; } input { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--dim); border-radius: .3rem; padding: .2rem .5rem; max-width: 100%; }
.rest { color: var(--dim); font-size: .9rem; margin: .4rem 0 0; } code { background: var(--panel); padding: .1rem .3rem; border-radius: .2rem; overflow-wrap: anywhere; }
[hidden] { display: none; }
@media (max-width: 40rem) { body { padding: 1rem .75rem; } .health { padding: .75rem; } .numbers { display: grid; grid-template-columns: 1fr 1fr; gap: .9rem 1rem; } figure { padding: .6rem; } }
@media print { nav, .tools { display: none; } .wide, .tall { overflow: visible; max-height: none; } body { max-width: none; font-size: 10pt; } tr, figure { break-inside: avoid; }
  thead th { position: static; } svg.sections { min-width: 0; } th button::after { content: ""; } a { color: inherit; } }
"""

SCRIPT = """
"use strict";
const value = cell => cell.dataset.value ?? cell.textContent.trim();
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, n) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !head.classList.contains("number");
      heads.forEach(each => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const counts = head.classList.contains("number");
      const rows = [...body.rows].map(row => [value(row.cells[n]), row]);
      rows.sort(([a], [b]) => (a === "") - (b === "") || (up ? 1 : -1) * (counts ? a - b : a < b ? -1 : a > b ? 1 : 0));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const tools of document.querySelectorAll(".tools")) {
  const field = tools.querySelector("input"), told = tools.querySelector("output");
  const rows = [...document.getElementById(field.getAttribute("aria-controls")).tBodies[0].rows];
  tools.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += !row.hidden;
    }
    told.textContent = wanted ? shown + " of " + rows.length + " rows" : "";
  });
}
"""
