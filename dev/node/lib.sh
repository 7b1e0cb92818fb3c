# Sourced by the scripts of this folder.
# shellcheck shell=bash

# shellcheck disable=SC2034
# What one machine hands out to its nodes: a number each, and by that number an interface, a cgroup and addresses. They
# come from 198.18.0.0/15, set aside for tests of networks (RFC 2544), so that they are nobody else's.
slots=/run/stackwright-node slot_count=64

# shellcheck disable=SC2034
network_of() { # SLOT
  link=stkw$1
  cgroup=/stackwright-node-$1
  node_ip=198.18.$1.1
  host_ip=198.18.$1.2
  service_net=198.18.$1.128/25
  service_ip=198.18.$1.129
  pod_net=198.19.$1.0/24
}

say() { printf 'node: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

now() { local t=${EPOCHREALTIME:-$SECONDS.0}; printf '%s' "${t/,/.}"; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# usage SCRIPT: its leading comment.
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$1" | sed '/^set /d'; }

# scratch_of DIR: its absolute path; it may be missing.
scratch_of() {
  local parent
  parent=$(cd "$(dirname "$1")" && pwd -P) || die "there is no folder $(dirname "$1")"
  printf '%s/%s' "${parent%/}" "$(basename "$1")"
}

# is_up SCRATCH: whether its node runs. The keeper holds this lock as long as it lives, however it ends.
is_up() {
  [ -f "$1/alive" ] || return 1
  ! flock -n "$1/alive" true
}

# is_alive PID: whether it runs; what is only waited for by its parent does not.
is_alive() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# init_of SCRATCH: the process id, as the host sees it, of the first process in the node's namespaces.
init_of() {
  local pid
  if ! is_up "$1" || ! pid=$(cat "$1/init.pid" 2>/dev/null); then die "there is no running node in $1"; fi
  printf '%s' "$pid"
}

# cgroup_roots: the folders in which a node has a group of its own.
cgroup_roots() {
  local folder
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    printf '/sys/fs/cgroup\n'
    return
  fi
  for folder in /sys/fs/cgroup/*; do
    if [ -d "$folder" ] && [ ! -L "$folder" ]; then printf '%s\n' "$folder"; fi
  done
}

# remove_cgroups SLOT: those of a node that has ended. Its last processes may need a moment to go.
remove_cgroups() {
  local root left try
  network_of "$1"
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    left=
    for root in $(cgroup_roots); do
      [ -d "$root$cgroup" ] || continue
      find "$root$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
      if [ -d "$root$cgroup" ]; then left=$root$cgroup; fi
    done
    [ -n "$left" ] || return 0
    sleep "0.$((try < 10 ? try : 9))"
  done
  say "control group $left cannot be removed"
}

# remove_state SCRATCH: all that a node keeps, but its logs and the lock of `up`.
remove_state() {
  find "${1:?}" -xdev -mindepth 1 -maxdepth 1 ! -name log ! -name node.lock -exec rm -rf --one-file-system {} +
}

# remove_scratch SCRATCH: the folder of a node that has ended.
remove_scratch() {
  [ -f "$1/node.lock" ] || die "$1 is not the folder of a node"
  rm -rf --one-file-system "${1:?}"
}
