"""An identity provider that others wrote, in a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.patience import PATIENCE
from tests.signin.issuer import CHEN

# It asks two clocks; both are set before it is loaded.
ON_ANOTHER_DAY = """
import datetime, runpy, sys, time
shift, real = float(sys.argv.pop(1)), time.time
class Moment(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=shift)
datetime.datetime, time.time = Moment, lambda: real() + shift
runpy.run_module("oidc_provider_mock", run_name="__main__", alter_sys=True)
"""


@contextmanager
def provider(shift: float = 0) -> Iterator[str]:
    """Start it, with its clock `shift` seconds from now; it knows one person. Gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    people = {name: CHEN[name] for name in ("sub", "name", "id_number")}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_ANOTHER_DAY, str(shift), "--port", str(port), "--require-nonce", "true",
         "--user-claims", json.dumps(people)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONWARNINGS": ""},
    )  # fmt: skip
    made = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{made}/.well-known/openid-configuration", timeout=2)
                break
            except httpx.HTTPError:
                assert process.poll() is None, "the provider has ended"
                assert time.monotonic() < deadline, "the provider does not answer"
        yield made
    finally:
        process.terminate()
        process.wait(PATIENCE)
