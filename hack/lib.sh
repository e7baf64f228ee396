# Sourced by the scripts beside it: where the repository is, and how they speak.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# step TEXT: announces what happens next.
step() { printf '\n==> %s\n' "$*"; }

# fail TEXT: says on standard error what went wrong and what to do, and ends the script.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# usage: prints the comment at the top of the running script, which is its help.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# configuration: the configuration that programs are built in.
configuration() {
  case ${PHEROMONE_BUILD:-debug} in
    debug | release) printf '%s\n' "${PHEROMONE_BUILD:-debug}" ;;
    *) fail "PHEROMONE_BUILD is '${PHEROMONE_BUILD}'; set it to debug or release" ;;
  esac
}

# programs_folder: where the built programs are.
programs_folder() { swift build --package-path "$root" -c "$(configuration)" --show-bin-path; }

# build ARGUMENTS…: builds the package with its progress visible, and without a screen line by line.
build() {
  swift build --package-path "$root" -c "$(configuration)" "$@" ||
    fail "the build failed; the compiler's messages are above"
}

# port_is_free PORT: nothing listens there on loopback.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_ports: the first of four free neighbouring ports, which is what a local cluster takes. Below the range from
# which the kernel gives ports to clients, so that no outgoing connection takes one in between.
free_ports() {
  local first attempt
  for attempt in {1..200}; do
    first=$((20000 + (RANDOM % 3000) * 4))
    if port_is_free "$first" && port_is_free $((first + 1)) && port_is_free $((first + 2)) &&
      port_is_free $((first + 3)); then
      printf '%s\n' "$first"
      return
    fi
  done
  fail "no four free neighbouring ports between 20000 and 32000 after $attempt attempts; stop what listens there"
}
