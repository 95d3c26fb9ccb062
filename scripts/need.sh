#!/bin/sh
# Check for the tools that only the system can give, and name the Debian package of whatever is missing.
# Usage: need.sh python|node|browser
set -eu

missing() {
    echo "missing: $1" >&2
    echo "install it with: sudo apt-get install $2" >&2
    exit 2
}

case "$1" in
python)
    python=${PYTHON:-python3}
    command -v "$python" >/dev/null || missing "Python 3.11 or newer" python3
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        missing "Python 3.11 or newer (found $("$python" --version 2>&1))" python3.11
    "$python" -c 'import venv, ensurepip' 2>/dev/null || missing "the venv module of $python" python3-venv
    ;;
node)
    command -v node >/dev/null || missing "Node.js 20.19 or newer" nodejs
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
        missing "Node.js 20.19 or newer (found $(node --version))" nodejs
    command -v npm >/dev/null || missing "npm" npm
    ;;
browser)
    if command -v chromium >/dev/null; then
        exit 0
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing Chromium for the browser tests" >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
    else
        missing "Chromium, for the browser tests" chromium
    fi
    ;;
esac
