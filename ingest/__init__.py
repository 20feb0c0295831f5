"""The outside world: disk, clock, mail, processes, database."""

import logging

from ingest.logs import Lines

if logging.lastResort:  # where no log file is open, as in most commands: one line on standard error, never a traceback
    logging.lastResort.setFormatter(Lines())
