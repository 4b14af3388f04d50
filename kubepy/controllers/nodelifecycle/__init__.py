"""Node lifecycle: who has not been heard of is marked, kept free of new pods, and emptied."""
