"""The commands, one file each. They import what they need when they run: `--help` must stay fast."""
