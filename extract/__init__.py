"""What a document says: bytes in, located blocks out. Needs neither rubric nor roster. Pure."""
