# What the scripts share. Source it from a script that has set ROOT and changed into it.
# shellcheck shell=bash

VENV="$ROOT/.venv"
VAR="${VAR_DIR:-$ROOT/var}"
LOG="$VAR/log/setup.log"
UV="uv==0.13.8"
NATIVE_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1)

say() { printf '%s\n' "$*"; }
step() { printf '· %s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# The data folder holds patients' data and secrets: it's made for its owner alone.
make_data_folder() {
  [ -d "$VAR" ] || (umask 077 && mkdir -p "$VAR")
  [ -w "$VAR" ] || fail "The folder $VAR belongs to $(stat -c %U "$VAR"): start as that user, or run: sudo chown -R $(id -un) $VAR"
  mkdir -p "$(dirname "$LOG")"
}

# Run a command quietly; on failure show the end of what it printed.
quietly() {
  make_data_folder
  if ! "$@" >>"$LOG" 2>&1; then
    tail -n 20 "$LOG" >&2
    return 1
  fi
}

# Run a command as root, or fail; nobody is asked for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A fresh machine may be busy with its own updates, so the lock is waited for.
apt_get() { quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }

# Install Debian packages as root or by sudo; else say in one sentence what to run.
install_packages() {
  local why="$1"
  shift
  if ! command -v apt-get >/dev/null || ! as_root true 2>/dev/null; then
    fail "$why Please run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
  fi
  step "installing $* (this takes a minute)"
  if ! { apt_get update && apt_get install -y --no-install-recommends "$@"; }; then
    fail "$why Installing $* failed; the reasons are in $LOG."
  fi
}

# Print the newest Python that is new enough.
find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "ReleaseFirst needs Python 3.11 or newer. Please run: sudo apt-get install -y python3 python3-venv"
}

# Install in one go what the machine lacks before anything of Python's own can be installed.
check_system_packages() {
  local missing=()
  venv_is_current || "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing+=("$(basename "$PYTHON")-venv")
  native_libraries_are_there || missing+=("${NATIVE_PACKAGES[@]}")
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  install_packages "Some system packages are missing." "${missing[@]}"
  native_libraries_are_there || fail "The libraries that draw PDFs still can't be loaded; see $LOG."
}

native_libraries_are_there() {
  "$PYTHON" - <<'PYTHON' 2>/dev/null
import ctypes
for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1"):
    ctypes.CDLL(name)
PYTHON
}

# What a virtual environment is made for: it holds the paths of its Python and of its own folder.
venv_purpose() { "$PYTHON" -c 'import sys; print(*sys.version_info[:2], sys.base_prefix, *sys.argv[1:])' "$VENV"; }

venv_is_current() { [ -x "$VENV/bin/pip" ] && [ "$(cat "$VENV/made-for" 2>/dev/null)" = "$(venv_purpose)" ]; }

make_venv() {
  if venv_is_current; then return; fi
  step "making the virtual environment"
  quietly "$PYTHON" -m venv --clear "$VENV" || fail "The virtual environment can't be made; the reasons are in $LOG."
  venv_purpose >"$VENV/made-for"
}

# Install a locked requirements file, by uv where it can be had, else by pip.
install_requirements() {
  local file="$1" stamp="$VENV/installed.sha256" wanted
  wanted="$(sha256sum "$file" | cut -d' ' -f1)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  if [ "$file" = requirements.txt ] && [ "$(cat "$stamp.runtime" 2>/dev/null)" = "$wanted" ]; then return; fi
  step "installing the Python packages"
  if [ -x "$VENV/bin/uv" ] || quietly "$VENV/bin/python" -m pip install "$UV"; then
    quietly "$VENV/bin/uv" pip install --compile-bytecode --python "$VENV/bin/python" --require-hashes -r "$file" \
      || fail "The Python packages can't be installed; the reasons are in $LOG."
  else
    quietly "$VENV/bin/python" -m pip install --require-hashes -r "$file" \
      || fail "The Python packages can't be installed; the reasons are in $LOG."
  fi
  printf '%s' "$wanted" >"$stamp"
  sha256sum requirements.txt | cut -d' ' -f1 | tr -d '\n' >"$stamp.runtime"
}

# Make a private random text in a file once.
secret_file() {
  local file="$1" length="$2"
  if [ ! -s "$file" ]; then
    (umask 077 && "$VENV/bin/python" -c "import secrets; print(secrets.token_urlsafe($length), end='')" >"$file")
  fi
}

# The environment of the demo: secrets made once, data in var/.
use_demo_environment() {
  make_data_folder
  secret_file "$VAR/secret-key" 60
  export RELEASEFIRST_ENV="${RELEASEFIRST_ENV:-demo}" VAR_DIR="$VAR"
  SECRET_KEY="${SECRET_KEY:-$(cat "$VAR/secret-key")}"
  export SECRET_KEY
  secret_file "$VAR/secret-field-key" 32
  FIELD_KEYS="${FIELD_KEYS:-$(cat "$VAR/secret-field-key")}"
  export FIELD_KEYS
}

manage() { "$VENV/bin/python" "$ROOT/manage.py" "$@"; }
