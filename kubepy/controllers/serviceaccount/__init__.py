"""Service accounts: every namespace has a `default` one."""
