"""A server of its own process, so that it can be killed: it is told the store's path and tells its address."""

import sys

from adapter.service.announce import silence
from adapter.service.app import create_app
from adapter.service.server import listen
from adapter.service.settings import Settings
from adapter.store.store import Limits, open_store
from tests.service.tiny import OPEN, clock, in_one_step, process

settings = Settings(port=0, store=sys.argv[1], limits=Limits(busy_seconds=0.2))
app = create_app(
    OPEN, in_one_step(process), open_store(settings.store, settings.limits), {}, settings, clock=clock, announce=silence
)
listen(app, settings, lambda host, port: print(f"http://{host}:{port}", file=sys.stderr, flush=True))
