"""The commands of the front door: each module has the work and the arguments of a few that belong together."""
