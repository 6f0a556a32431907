"""nginx over a tree of files on loopback: one worker, no log, its own folders; ended by its own process id."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STATUS = "/.status"
WAITING = ("/usr/lib/nginx/modules/ndk_http_module.so", "/usr/lib/nginx/modules/ngx_http_lua_module.so")
"""The modules by which an answer is held back."""
CONFIG = """
{modules}
daemon off; worker_processes 1; worker_rlimit_nofile 8192; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; server_tokens off; gzip off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  open_file_cache max=8000 inactive=600s;
  types {{ text/html html; text/css css; image/svg+xml svg; }}
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  server {{ {listen} root {root}; {wait} {locations} location = {status} {{ stub_status; }} }}
}}
"""


class MissingPart(RuntimeError):
    """Something that the benchmark needs is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `addresses` are the loopback addresses it answers on, one per wanted host."""

    addresses: tuple[str, ...]
    port: int

    @property
    def origins(self) -> list[str]:
        """The root of each host, without a slash at the end."""
        return [f"http://{address}:{self.port}" for address in self.addresses]

    def requests_served(self) -> int:
        """Return how many requests it has answered so far, this one included."""
        with urllib.request.urlopen(f"{self.origins[0]}{STATUS}", timeout=10) as reply:
            found = re.search(rb"requests\s+\d+\s+\d+\s+(\d+)", reply.read())
        if found is None:
            raise RuntimeError("nginx was built without stub_status, which the benchmark counts requests with")
        return int(found[1])


@contextlib.contextmanager
def serve(root: Path, home: Path, hosts: int = 1, locations: str = "", latency_s: float = 0.0) -> Iterator[Server]:
    """Serve `root` on a free port of 127.0.0.1 (and 127.0.0.2, ... for more hosts); `home` is an empty folder of ours.

    Args:
        locations: of nginx's configuration, for what is no file.
        latency_s: how long each answer is held back, as if the server were so far away; nobody is kept from asking for others meanwhile.

    Raises:
        MissingPart: nginx is not installed, or what makes it wait is not.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise MissingPart("nginx serves the pages and is not installed: sudo apt-get install nginx-light")
    server = Server(tuple(f"127.0.0.{1 + i}" for i in range(hosts)), _free_port())
    listen = " ".join(f"listen {address}:{server.port} backlog=2048;" for address in server.addresses)
    if latency_s and not all(Path(module).exists() for module in WAITING):
        raise MissingPart("nginx waits by its module for Lua, which is not installed: sudo apt-get install libnginx-mod-http-lua")
    parts = {
        "modules": "".join(f"load_module {module};\n" for module in WAITING) if latency_s else "",
        "wait": f"server_rewrite_by_lua_block {{ ngx.sleep({latency_s}) }}" if latency_s else "",
    }
    config = home / "nginx.conf"
    config.write_text(CONFIG.format(home=home, root=root, listen=listen, status=STATUS, locations=locations, **parts), encoding="utf-8")
    process = subprocess.Popen([program, "-p", str(home), "-c", str(config)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_answering(server, process, home)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_answering(server: Server, process: subprocess.Popen[bytes], home: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            log = home / "error.log"
            raise RuntimeError(f"nginx ended at once: {log.read_text(encoding='utf-8') if log.exists() else 'it said nothing'}")
        with contextlib.suppress(OSError):
            server.requests_served()
            return
        time.sleep(0.05)
    raise RuntimeError("nginx did not answer within five seconds")
