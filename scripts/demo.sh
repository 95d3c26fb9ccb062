#!/bin/sh
# Serve the sample project with `stdbctl dev`, its web client built; the last line is `ready http://…`, the page's address.
set -eu
cd "$(dirname "$0")/.."
sh scripts/need.sh node
exec .venv/bin/python scripts/demo.py
