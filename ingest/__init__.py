"""The outside world: disk, clock, mail, processes, database."""
