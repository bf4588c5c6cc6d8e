#!/bin/sh
# install.sh VENV LOCK: build the virtual environment if necessary, and install a hashed lock into it with uv or pip.
set -eu
venv=$1 lock=$2 python=${PYTHON:-python3} uv=${UV:-}

command -v "$python" >/dev/null || { echo "'$python' was not found. Install Python 3.11 or newer, or name another: make run PYTHON=python3.12" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "$("$python" --version) is too old: Python 3.11 or newer is required. Name another: make run PYTHON=python3.12" >&2; exit 1; }

if [ ! -x "$venv/bin/python" ]; then
  echo "Building $venv with $("$python" --version)"
  if [ -n "$uv" ]; then
    "$uv" venv --quiet --python "$python" "$venv"
  elif "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv "$venv"
  else
    echo "This Python has no ensurepip, and uv was not found. Install one of them and run the command again:" >&2
    echo "  Debian, Ubuntu: apt install python3-venv     Fedora: dnf install python3-pip     any: https://docs.astral.sh/uv" >&2
    exit 1
  fi
fi

echo "Installing $lock (some minutes the first time)"
# The lock is complete and hashed. With --no-deps, the installer does not add the package that it leaves out on purpose.
if [ -n "$uv" ]; then
  VIRTUAL_ENV=$venv "$uv" pip install --quiet --no-deps --require-hashes --compile-bytecode -r "$lock"
  VIRTUAL_ENV=$venv "$uv" pip install --quiet --no-deps --no-build-isolation -e .
else
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
