"""`kubepy up`: a whole cluster on this machine, and nothing left of it after `kubepy down`."""
