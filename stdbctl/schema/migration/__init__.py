"""From one version of a module to the next: what changes, in which order, and what cannot."""
