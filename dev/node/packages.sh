# Sourced by up: the programs that come from the distribution.
# shellcheck shell=bash
# shellcheck disable=SC2154

# Versions that were seen working. A security update changes what follows, and the old one is gone then.
debian_packages=(containerd=1.6.* runc=1.1.* containernetworking-plugins=1.1.* iptables=1.8.* conntrack=1:1.4.*)

missing_programs() {
  local program
  for program in containerd ctr containerd-shim-runc-v2 runc iptables conntrack ip nsenter unshare setpriv openssl curl flock; do
    command -v "$program" >/dev/null || printf '%s ' "$program"
  done
  [ -n "$(cni_folder)" ] || printf 'CNI plugins '
}

cni_folder() {
  local folder
  for folder in /usr/lib/cni /opt/cni/bin /usr/libexec/cni; do
    if [ -x "$folder/ptp" ] && [ -x "$folder/host-local" ] && [ -x "$folder/portmap" ]; then printf '%s' "$folder"; return; fi
  done
}

apt() {
  local try
  # Lists have a lock of their own, for which apt does not wait.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    if DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$apt_log" 2>&1 </dev/null; then return 0; fi
    grep -q 'Could not get lock' "$apt_log" || return 1
    sleep "$try"
  done
  return 1
}

ensure_packages() {
  local missing package pinned=() apt_log
  missing=$(missing_programs)
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    die "missing: $missing. Install containerd, runc, the CNI plugins, iptables, conntrack, iproute2, util-linux, openssl and curl."
  # One `up` installs, another that starts at the same time waits for it.
  exec 6>"$slots/packages.lock"
  flock 6
  missing=$(missing_programs)
  if [ -n "$missing" ]; then
    say "missing: $missing; installing packages (once per machine)"
    apt_log=$(mktemp)
    apt update || say "the package lists cannot be renewed; going on with those that are here"
    for package in "${debian_packages[@]}"; do
      if [ -n "$(apt-cache madison "${package%%=*}" | awk -v want="${package#*=}" '
        BEGIN { gsub(/\./, "\\.", want); sub(/\*$/, "", want) } $3 ~ "^" want { print; exit }')" ]; then
        pinned+=("$package")
      else
        say "this release of the distribution has no $package; taking the version that it has"
        pinned+=("${package%%=*}")
      fi
    done
    if ! apt install --no-install-recommends -y "${pinned[@]}" iproute2 util-linux openssl curl; then
      cat "$apt_log" >&2
      die "the packages could not be installed: ${pinned[*]}"
    fi
    rm -f "$apt_log"
    missing=$(missing_programs)
    [ -z "$missing" ] || die "still missing after the installation: $missing"
  fi
  exec 6>&-
}
