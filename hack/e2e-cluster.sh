# Sourced by hack/e2e, for a cluster that it has not started: puts Pheromone and a node there, and takes them away again.
# Uses $scratch, $root, $programs, $pheromone, $kubectl, $image and $group.

# What is to be removed at the end, in the order in which it came.
installed=$scratch/installed.yaml
processes=()
joined=
label=e2e.pheromone.dev/nodes

# is_installed: somebody else runs Pheromone there.
is_installed() {
  local services
  services=$("$kubectl" get services --all-namespaces --output name \
    --selector app.kubernetes.io/name=pheromone,app.kubernetes.io/component=coordinator) ||
    fail "the cluster that KUBECONFIG names does not answer, or does not let you list its services"
  [ -n "$services" ]
}

# adapt: a manifest of this repository, for the images and the node that the suite is to use.
adapt() {
  local script=()
  if [ -n "$image" ]; then
    script+=(-e "s|ghcr\\.io/pheromone-dev/([a-z-]+):[0-9.]+|${image/"{}"/"\\1"}|")
  fi
  if [ -n "$group" ]; then
    local selector="nodeSelector: {$label: $group}" toleration="{key: $label, operator: Equal, value: $group}"
    script+=(-e "s|^( *)containers:\$|\\1$selector\\n\\1tolerations: [$toleration]\\n\\1containers:|")
  fi
  sed -E "${script[@]:-}"
}

# adapt_repository: a view of this repository in which the examples are adapted.
adapt_repository() {
  local entry
  repository=$scratch/repository
  mkdir -p "$repository/manifests/examples"
  for entry in "$root"/* "$root/.build"; do
    [ "${entry##*/}" = manifests ] || ln -s "$entry" "$repository/"
  done
  for entry in "$root"/manifests/*; do
    [ "${entry##*/}" = examples ] || ln -s "$entry" "$repository/manifests/"
  done
  for entry in "$root"/manifests/examples/*.yaml; do
    adapt <"$entry" >"$repository/manifests/examples/${entry##*/}"
  done
}

# missing MANIFEST: those of its documents that are not on the cluster yet. Only they are to be removed at the end: whose
# definitions or namespace were there before keeps what is in them.
missing() {
  local document
  mkdir -p "$scratch/documents"
  awk -v folder="$scratch/documents" '
    function path() { return sprintf("%s/%04d.yaml", folder, number) }
    /^---$/ { number++; next }
    { print > path() }' "$1"
  for document in "$scratch"/documents/*.yaml; do
    grep -q '^kind:' "$document" || continue
    "$kubectl" get -f "$document" >"$scratch/answer" 2>&1 && continue
    grep -q NotFound "$scratch/answer" || fail "$(cat "$scratch/answer")"
    printf -- '---\n'
    cat "$document"
  done
  rm -r "$scratch/documents"
}

# install_operator: what manifests/install.yaml has, in pods of the cluster.
install_operator() {
  adapt <"$root/manifests/install.yaml" >"$scratch/install.yaml"
  missing "$scratch/install.yaml" >"$installed"
  "$kubectl" apply -f "$installed"
  "$kubectl" --namespace pheromone-system rollout status deployment --timeout=90s \
    --selector app.kubernetes.io/name=pheromone ||
    fail "Pheromone does not come up; can the nodes get its images? --image names others, --virtual-node needs none"
}

# run_operator: controller and coordinator as processes of this machine.
run_operator() {
  local file port common
  {
    for file in "$root"/manifests/crds/*.yaml; do
      printf -- '---\n'
      cat "$file"
    done
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: pheromone-system}\n'
  } >"$scratch/definitions.yaml"
  missing "$scratch/definitions.yaml" >"$installed"
  if [ -s "$installed" ]; then "$kubectl" apply -f "$installed"; fi
  "$kubectl" wait --for=condition=Established --timeout=60s \
    crd/workflows.pheromone.dev crd/buckets.pheromone.dev
  port=$(free_ports)
  common=(--namespace pheromone-system)
  start coordinator "$programs/pheromone-coordinator" "${common[@]}" \
    --listen "127.0.0.1:$port" --link-listen "127.0.0.1:$((port + 1))"
  start controller "$programs/pheromone-controller" "${common[@]}" --coordinator "127.0.0.1:$((port + 1))" \
    --coordinator-url "http://127.0.0.1:$port" --listen "127.0.0.1:$((port + 2))"
  export PHEROMONE_COORDINATOR_URL=http://127.0.0.1:$port
}

# join_node: this machine, where only pods land that ask for it.
join_node() {
  start node "$pheromone" cluster join --node "$group" --directory "$scratch/node" --label "$label=$group" \
    --taint "$label=$group:NoSchedule"
  joined=$group
  "$kubectl" wait --for=create --timeout=60s "node/$group"
  "$kubectl" wait --for=condition=Ready --timeout=60s "node/$group"
}

# start NAME PROGRAM…: in the background, with its log in $scratch/logs.
start() {
  mkdir -p "$scratch/logs"
  "${@:2}" >"$scratch/logs/$1.log" 2>&1 &
  processes+=($!)
}

# remove_installed: the last thing first.
remove_installed() {
  local index status=0
  for ((index = ${#processes[@]} - 1; index >= 0; index--)); do
    kill "${processes[index]}" 2>/dev/null || true
    wait "${processes[index]}" || true
  done
  if [ -n "$joined" ]; then "$kubectl" delete node "$joined" --ignore-not-found || status=1; fi
  if [ -s "$installed" ]; then "$kubectl" delete -f "$installed" --ignore-not-found || status=1; fi
  return "$status"
}
