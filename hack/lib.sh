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

# The packages of the Python environment below: Helm's own library, the schemas of Kubernetes' kinds, and a Lua to try Argo CD's
# health checks with.
helm_packages="helm-python-sdk==0.2.2 kubernetes-validate==1.37.0 lupa==2.8"

# helm_python: prints the Python of an environment that has Helm in it. Makes it in .build when it is not there; where that
# cannot be done it says why, and ends with 69.
helm_python() {
  local folder=$root/.build/helm
  if [ "$(cat "$folder/complete" 2>/dev/null)" != "$helm_packages" ]; then
    mkdir -p "$root/.build"
    (
      # Two scripts at once make one environment.
      flock 9
      if [ "$(cat "$folder/complete" 2>/dev/null)" != "$helm_packages" ]; then make_helm_python "$folder"; fi
    ) 9>"$root/.build/helm.lock" >&2 || exit 69
  fi
  printf '%s\n' "$folder/bin/python"
}

# make_helm_python FOLDER: the environment itself.
make_helm_python() {
  local package
  command -v python3 >/dev/null ||
    fail "python3 is missing, which Helm's library is called from; install it: apt-get install python3 python3-venv"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "Helm's library needs Python 3.10 or later, this is $(python3 --version)"
  rm -rf "$1"
  python3 -m venv "$1" || fail "python3 cannot make a virtual environment; install what it lacks: apt-get install python3-venv"
  # shellcheck disable=SC2086 # one word a package
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: $helm_packages ||
    fail "pip could not install $helm_packages; its messages are above. It needs PyPI, or an index that PIP_INDEX_URL names"
  # The package has its library of 80 MB three times over, and loads any of them.
  for package in "$1"/lib/python*/site-packages/helm_python; do rm -f "$package"/lib/libhelm_c.so.*; done
  printf '%s\n' "$helm_packages" >"$1/complete"
}

# promtool_path: prints the path of Prometheus' checker, out of Debian's package, which is fetched and unpacked but not
# installed. Prints nothing when it cannot be had.
promtool_path() {
  local tool=$root/.build/prometheus/usr/bin/promtool scratch
  if command -v promtool; then return; fi
  if [ ! -x "$tool" ] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    scratch=$(mktemp -d)
    # As the user that apt fetches with may not write here, apt says so, which is not of interest.
    if (cd "$scratch" && apt-get -qq download prometheus) >/dev/null 2>&1; then
      mkdir -p "$root/.build"
      dpkg-deb -x "$scratch"/prometheus_*.deb "$root/.build/prometheus"
    fi
    rm -rf "$scratch"
  fi
  if [ -x "$tool" ]; then printf '%s\n' "$tool"; fi
}
