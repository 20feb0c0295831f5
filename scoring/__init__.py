"""What a report is worth, and why: everything that needs the rubric or the roster. Pure."""
