"""Group versions that other servers answer for, and how they look as one API."""
