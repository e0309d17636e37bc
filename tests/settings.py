"""
Django's settings for tests: those of a real node whose home is a throw-away folder.

TONGBAN_DATABASE chooses the database: `sqlite` (default), or `postgres` on the server that
TONGBAN_TEST_POSTGRES names; a worker beside others has one to itself where `scripts/services --each` started them.
"""

import atexit
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from tongban.configuration import config

# Every process has its own home, so that test runs side by side don't meet.
HOME = Path(tempfile.mkdtemp(prefix="tongban-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

_own_server = os.environ.get(f"TONGBAN_TEST_POSTGRES_{os.environ.get('PYTEST_XDIST_WORKER', '').upper()}")
if _own_server:
    os.environ["TONGBAN_TEST_POSTGRES"] = _own_server
_node = config.load(Path(__file__).parent / "fixtures/node")
if os.environ.get("TONGBAN_DATABASE", "sqlite") == "postgres":
    _node = replace(_node, database=os.environ["TONGBAN_TEST_POSTGRES"])
(HOME / config.CONFIG_NAME).write_text(config.render(_node, keys_folder="keys"), encoding="utf-8")
(HOME / "keys").mkdir(mode=0o700)
(HOME / "keys/data-key").write_text("00112233445566778899aabbccddeeff")
(HOME / "keys/vault-key").write_text("ffeeddccbbaa99887766554433221100")
os.environ["TONGBAN_HOME"] = str(HOME)

from tongban.assembly.settings import *  # noqa: E402, F403
from tongban.assembly.settings import ALLOWED_HOSTS, DATABASES, NODE  # noqa: E402

ALLOWED_HOSTS.append("testserver")  # as Django's client calls the node
SECRET_KEY = "tests sign nothing that outlives them"
# Tests change what nearly never changes, and look at once.
MEMO_SECONDS = 0.0
# A password costs a moment on purpose; tests make hundreds.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if NODE.is_sqlite:
    # A file rather than memory: locks and journal then behave as they do on a node.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
    OPTIONS = DATABASES["default"]["OPTIONS"]
    OPTIONS["init_command"] = OPTIONS["init_command"].replace("synchronous=FULL", "synchronous=OFF")
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_tongban_{os.getpid()}"}
