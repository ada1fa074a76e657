#!/bin/sh
# Builds the environment from a lock file with hashes: setup.sh VENV LOCKFILE. Uses uv where it is found, else pip.
set -eu
venv=$1 lock=$2 python=${PYTHON:-python3}
command -v "$python" >/dev/null || { echo "Python is missing: install Python 3.11 or newer with its venv module (or set PYTHON=…)."; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "$("$python" --version) is too old: Python 3.11 or newer is needed (set PYTHON=…)."; exit 1; }
echo "Building $venv from $lock …"
if command -v uv >/dev/null; then
  [ -x "$venv/bin/python" ] || UV_PYTHON_DOWNLOADS=never uv venv -q --python "$python" "$venv"
  uv pip install -q --require-hashes --compile-bytecode --python "$venv/bin/python" -r "$lock"
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
    echo "The venv module is missing (on Debian: apt-get install python3-venv)."; exit 1; }
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
