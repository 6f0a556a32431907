"""The style and the script of the HTML page; its policy names both by their digests."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #1b6e3c; --look: #7a5900; --dim: #555; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff9d94; --good: #7fd6a0; --look: #f0c44c; --dim: #bbb; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 90rem; padding: 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin-top: 2rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; list-style: none; padding: 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; } .found { width: 100%; }
caption { text-align: start; color: var(--dim); padding: .25rem 0; }
th, td { border-top: 1px solid var(--line); padding: .3rem .6rem; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-top: 0; overflow-wrap: normal; } td ul { margin: 0; padding-inline-start: 1rem; }
.found td:first-child { white-space: nowrap; font-weight: 600; } .found td { min-width: 6rem; }
.bad, .broken, .soft-404 { color: var(--bad); } .good { color: var(--good); }
.redirected, .blocked, .rate-limited, .needs-login, .unreachable, .unverifiable { color: var(--look); }
footer { color: var(--dim); margin-top: 2rem; } [hidden] { display: none; }
@media print { #filter, nav { display: none; } .wide { overflow: visible; } body { max-width: none; } tr { break-inside: avoid; } }
"""

SCRIPT = """
"use strict";
const bar = document.getElementById("filter");
if (bar) {
  const field = bar.querySelector("input"), told = bar.querySelector("output");
  const rows = [...document.querySelectorAll(".found tbody tr")].filter(row => !row.querySelector("th"));
  const groups = [...document.querySelectorAll(".found tbody")].filter(group => group.querySelector("th"));
  const texts = rows.map(row => {
    const head = row.parentElement.querySelector("th");
    return ((head ? head.textContent + " " : "") + row.textContent).toLowerCase();
  });
  bar.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => { row.hidden = !texts[i].includes(wanted); shown += !row.hidden; });
    groups.forEach(group => { group.hidden = ![...group.rows].some(row => !row.hidden && !row.querySelector("th")); });
    told.textContent = wanted ? shown + " of " + rows.length + " rows" : "";
  });
}
"""
