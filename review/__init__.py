"""Where people confirm: the web application. It reads and writes through ingest, and shows what templates make."""
