"""Links of a document you already have: no network, no run file."""

from __future__ import annotations

import linkhaul

PAGE = """
<base href="/guide/">
<nav><a href="moss/">Moss</a></nav>
<p>Buy <a href="../shop/?q=fern#top" rel="nofollow" title="All ferns">ferns</a> or look at
<img srcset="fern.jpg 1x, fern-large.jpg 2x" src="fern.jpg" alt="a fern">.</p>
"""

for link in linkhaul.extract(PAGE, "https://shop.example/start/"):
    print(f"{link.text}: {link.url} (written {link.raw!r}, in {link.region}, follow={link.follow})")

images = linkhaul.extract(PAGE, "https://shop.example/start/", kinds="image")
print("Images:", *sorted({str(link.url) for link in images}))

shift_jis = '<a href="?q=苔">苔</a>'.encode("shift_jis")
print("In the page's own encoding:", linkhaul.extract(shift_jis, "https://苔.example/", "text/html; charset=shift_jis")[0].url)
