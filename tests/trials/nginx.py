"""nginx over a folder on a free loopback port, with the types that a site needs; ended by its own process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """
daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; gzip off; keepalive_requests 1000000; default_type application/octet-stream;
  types {{ text/html html htm; text/css css; text/plain txt; application/javascript js; image/png png; image/svg+xml svg; }}
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def serving(root: Path, home: Path) -> Iterator[str]:
    """Serve a folder; give the origin. `home` is made, for what nginx writes."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    home.mkdir()
    config = home / "nginx.conf"
    config.write_text(CONFIG.format(home=home, root=root, port=port), encoding="utf-8")
    process = subprocess.Popen([program, "-p", str(home), "-c", str(config)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    origin = f"http://127.0.0.1:{port}"
    try:
        _wait(origin, process)
        yield origin
    finally:
        process.terminate()
        process.wait(10)


def _wait(origin: str, process: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(200):
        assert process.poll() is None, "nginx ended at once"
        try:
            opener.open(f"{origin}/.", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("nginx does not answer")
