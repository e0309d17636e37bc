"""The background work of a node: one loop, a few steps, each safe to be cut off and done again."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import close_old_connections

from tongban.cases import tasks
from tongban.exchange import catalogues, epochs, fetching, sending
from tongban.kernel import clock, identity, seals
from tongban.materials import tasks as materials

log = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between rounds: how soon news leaves
WATCH_EVERY = timedelta(seconds=30)


def run_once(at: datetime) -> int:
    """Do one round of what is due; return how much was done, 0 when all is quiet."""
    if identity.row().recovering:
        return int(epochs.recover(at))
    # Sealed first: the seal that goes out then counts what it goes out with.
    done = int(seals.seal_pending(at) is not None)
    done += sending.send_all(at)
    for case in fetching.fetch_all(at):
        done += tasks.arrive(case=case, at=at)
    return done + tasks.arrive_all(at)


def watch(at: datetime) -> int:
    """Do what need not be done every second: deemed acceptance, late duties, dates, destruction, online service, uploads."""
    if identity.row().recovering:
        return 0
    done = tasks.deem_all(at) + tasks.set_dues(at) + tasks.escalate_all(at) + tasks.destroy_all(at)
    done += tasks.serve_online_all(at)
    return done + materials.expire_uploads(at) + materials.rescan_all(at)


def run_forever(stop: threading.Event) -> None:
    """Run until `stop` is set. A step that fails is logged, without content, and tried again."""
    next_watch = next_pull = datetime.min.replace(tzinfo=clock.OFFICIAL)
    while not stop.is_set():
        at = clock.now()
        done = _guarded(run_once, at)
        if at >= next_watch:
            done += _guarded(watch, at)
            next_watch = at + WATCH_EVERY
        if at >= next_pull:
            done += _guarded(catalogues.pull_all, at)
            next_pull = at + catalogues.EVERY
        close_old_connections()
        if not done:
            stop.wait(PAUSE)


def start_in_background() -> threading.Event:
    """Start the loop in a thread of this process (embedded mode) and return what stops it."""
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(stop,), name="tongban-worker", daemon=True).start()
    return stop


def _guarded(step: Callable[[datetime], int], at: datetime) -> int:
    try:
        return int(step(at))
    except Exception:
        log.exception("background step %s failed; it will be tried again", step.__name__)
        return 0
