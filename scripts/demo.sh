#!/bin/sh
# Serve the sample project: start the embedded server, deploy, generate the bindings, print the address, show the log.
set -eu
cd "$(dirname "$0")/../sample_project"
stdbctl=../.venv/bin/stdbctl

finish() {
    trap '' INT TERM
    [ -z "${log:-}" ] || kill "$log" 2>/dev/null || true
    "$stdbctl" stop >&2
    exit 0
}
trap finish INT TERM

"$stdbctl" start --detach
"$stdbctl" deploy --yes
"$stdbctl" generate
"$stdbctl" logs --follow -n 0 &
log=$!
echo "ready $("$stdbctl" ps --format json | ../.venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["url"])')"
wait "$log" || true
finish
