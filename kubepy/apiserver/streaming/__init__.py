"""Where streams of pods and nodes lead."""
