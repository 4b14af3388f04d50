"""Where pods come from besides the apiserver: manifest files and their mirror pods."""
