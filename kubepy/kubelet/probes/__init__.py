"""Startup, readiness and liveness: a pure state machine and the checks that feed it."""
