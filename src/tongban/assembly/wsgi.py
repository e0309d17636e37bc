"""The application that granian serves: Django behind the door that waits for bodies."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from tongban.commandline.serving import THREADS, die_with_serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.assembly.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - read now: the first caller would wait for pages and API to be imported

# What has been loaded stays for good; to look through it again and again for garbage costs each request its share.
gc.collect()
gc.freeze()

die_with_serve()

from tongban.assembly.door import Door  # noqa: E402  # Django had to be set up first
from tongban.kernel.time import clock  # noqa: E402

door = Door(application, threads=THREADS)
clock.watch()

from tongban.kernel import accesses  # noqa: E402

accesses.start_in_background()

if os.environ.get("TONGBAN_EMBED_WORKER"):
    # On SQLite the background work shares the one process that writes.
    from tongban.exchange import worker

    worker.start_in_background()
