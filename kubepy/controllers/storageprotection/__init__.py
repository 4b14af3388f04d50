"""Takes the finalizers off volumes and claims that nobody uses any more."""
