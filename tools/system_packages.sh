#!/usr/bin/env bash
# Checks for the few things that pip cannot install: Python's venv module and the shared libraries that Qt loads.
# Where apt-get exists and we are root, installs what is missing; elsewhere prints one sentence that says what to install.
# Missing libraries never stop the set-up (the sentence is enough); a missing Python does.
set -euo pipefail

python=${1:-}
if [ -z "$python" ]; then
    echo "Patchreel needs Python 3.11 or newer: install it (Debian and Ubuntu: python3, python3-venv) and try again." >&2
    exit 1
fi

# Shared library and the Debian package that carries it. The first part is needed without a display too.
libraries="
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11.so.6 libx11-6
libxkbcommon.so.0 libxkbcommon0
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libdbus-1.so.3 libdbus-1-3
libglib-2.0.so.0 libglib2.0-0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libX11-xcb.so.1 libx11-xcb1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
"

# Prints the packages whose library the dynamic loader cannot find, and the venv package where Python comes without it.
missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    [ "$(uname -s)" = Linux ] || return 0
    LIBRARIES="$libraries" "$python" - <<'PYTHON'
import ctypes, os

for line in os.environ["LIBRARIES"].split("\n"):
    if line:
        library, package = line.split()
        try:
            ctypes.CDLL(library)
        except OSError:
            print(package)
PYTHON
}

missing=$(missing_packages | tr '\n' ' ')
[ -n "${missing// /}" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    echo "Installing what Qt and Python need from the system: $missing"
    # shellcheck disable=SC2086  # one word per package is meant
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } </dev/null >/dev/null || true
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "${missing// /}" ] || exit 0
fi
echo "Please install these system packages (names as in Debian), without them the window cannot open: $missing" >&2
