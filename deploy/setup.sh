#!/bin/sh
# Installs what `make run` (runtime) or `make test` (all) needs. Run again it only looks whether something changed.
set -eu

scope=${1:-all}
cd "$(dirname "$0")/.."
venv=.venv

say() { echo "counterfoil: $*" >&2; }
is_root() { [ "$(id -u)" = 0 ]; }
has_apt() { command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "installing $*"
    if [ -z "${apt_updated:-}" ]; then
        apt-get update -qq >&2
        apt_updated=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# --- Python --------------------------------------------------------------------------------------------------------
recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

if ! { [ -x "$venv/bin/python" ] && recent "$venv/bin/python" && [ -x "$venv/bin/pip" ]; }; then
    if ! python=$(find_python); then
        found=$(python3 --version 2>/dev/null || echo "no Python 3")
        say "Counterfoil needs Python 3.11 or later and found $found: install it, or name one with PYTHON=/path/to/python3."
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        if is_root && has_apt; then
            apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        else
            say "This Python cannot make virtual environments: run \`sudo apt-get install python3-venv\`, then this again."
            exit 1
        fi
    fi
    # What a killed run left behind is no environment.
    "$python" -m venv --clear "$venv"
fi

# --- Python packages -----------------------------------------------------------------------------------------------
stamp() { { cat "$1"; "$venv/bin/python" --version; } | sha256sum | cut -d' ' -f1; }

install_locked() {
    wanted=$(stamp "$1")
    if [ "$(cat "$venv/$2" 2>/dev/null || true)" = "$wanted" ]; then
        return
    fi
    say "installing the packages of $1"
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
        --require-hashes --requirement "$1"; then
        say "The packages of $1 could not be installed: see pip's message above."
        exit 1
    fi
    echo "$wanted" >"$venv/$2"
}

if [ "$scope" = runtime ]; then
    # The development set holds the other one.
    if [ "$(cat "$venv/installed-dev" 2>/dev/null || true)" != "$(stamp requirements-dev.txt)" ]; then
        install_locked requirements.txt installed-runtime
    fi
else
    install_locked requirements-dev.txt installed-dev
fi

# --- System libraries that WeasyPrint draws with ---------------------------------------------------------------------
missing_libraries() {
    "$venv/bin/python" - <<'PYTHON'
import ctypes
import pathlib

PACKAGES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
missing = []
for library, package in PACKAGES.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        missing.append(package)
folders = [pathlib.Path("/usr/share/fonts"), pathlib.Path("/usr/local/share/fonts"), pathlib.Path.home() / ".fonts"]
if not any(folder.exists() and any(folder.rglob("*.[ot]tf")) for folder in folders):
    missing.append("fonts-dejavu-core")
print(" ".join(missing))
PYTHON
}

packages=$(missing_libraries)
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086 # one word a package
    if is_root && has_apt && apt_install $packages; then
        :
    elif has_apt; then
        say "PDF documents need system libraries: run \`sudo apt-get install -y $packages\`."
    else
        say "PDF documents need Pango, HarfBuzz' subset library and a font from your system's packages (Debian: $packages)."
    fi
fi

# --- A browser for the journeys --------------------------------------------------------------------------------------
if [ "$scope" != runtime ] && ! "$venv/bin/python" -m tests.browsers >/dev/null; then
    # Ubuntu's chromium is a snap, which needs a whole system around it.
    if is_root && has_apt && ! grep -q '^ID=ubuntu' /etc/os-release && apt_install chromium; then
        :
    elif is_root && has_apt && "$venv/bin/python" -m playwright install --with-deps chromium >&2; then
        :
    elif has_apt && ! grep -q '^ID=ubuntu' /etc/os-release; then
        say "Browser tests need Chromium: run \`sudo apt-get install -y chromium\`, or set COUNTERFOIL_BROWSER to one you have."
    else
        say "Browser tests need Chromium: run \`$venv/bin/python -m playwright install --with-deps chromium\`, or set COUNTERFOIL_BROWSER to one you have."
    fi
fi
