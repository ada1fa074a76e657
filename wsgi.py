"""The door: the application that every WSGI server and the command line find."""

import gc

gc.disable()  # nothing of what is imported is ever garbage: looking for some takes a quarter of the start

import os  # noqa: E402

from portal import logs  # noqa: E402
from portal.app import create_app  # noqa: E402

logs.configure(level=os.environ.get("LOG_LEVEL", "INFO"))
app = create_app()
gc.freeze()  # what lives as long as the process is not looked at again
