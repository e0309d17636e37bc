"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from tongban.commandline.serving import die_with_serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.conf.settings")
application = get_wsgi_application()

die_with_serve()

if os.environ.get("TONGBAN_EMBED_WORKER"):
    # On SQLite the background work shares the one process that writes.
    from tongban.exchange import worker

    worker.start_in_background()
