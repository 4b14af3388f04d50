"""One pod: what it needs next, how it is reported, and the task that does both."""
