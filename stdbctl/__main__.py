"""`python -m stdbctl` is `stdbctl`."""

from stdbctl.cli import main

main()
