"""Images that need no registry: built here from what the machine has."""
