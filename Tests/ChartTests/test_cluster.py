"""The chart and what is rendered from it, on a local cluster, with a real kubectl and Helm's own library."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import chart

DEFINITIONS = {"workflows.pheromone.dev", "buckets.pheromone.dev"}


def workflow(name):
    return json.dumps({
        "apiVersion": "pheromone.dev/v1alpha1", "kind": "Workflow", "metadata": {"name": name},
        "spec": {
            "entry": "only", "replicas": 0, "functions": [{"name": "only", "outputs": []}],
            "template": {"spec": {"containers": [{"name": "app", "image": "example.com/app:1"}]}},
        },
    })


class Cluster:
    """A local cluster without an operator; what it has of Pheromone from the start is taken away."""

    def __init__(self, stack):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory())
        self.port = int(self.run("bash", "-c", ". hack/lib.sh; free_ports"))
        # Helm is found by its name, and keeps nothing in the home directory.
        os.mkdir(f"{self.folder}/bin")
        os.symlink(chart.ROOT / "hack/helm", f"{self.folder}/bin/helm")
        pheromone = f"{chart.PROGRAMS}/pheromone"
        at = ["--directory", f"{self.folder}/cluster"]
        stack.callback(self.run, pheromone, "cluster", "stop", *at)
        self.run(pheromone, "cluster", "start", "--no-operator", "--port", str(self.port), *at)
        self.kubectl("delete", "customresourcedefinitions", "--all")
        self.kubectl("delete", "namespace", "pheromone-system")

    @property
    def environment(self):
        own = {"KUBECONFIG": f"{self.folder}/cluster/kubeconfig", "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return {**os.environ, **own}

    def run(self, *command, input=None):
        done = subprocess.run(
            command, input=input, env=self.environment, cwd=chart.ROOT, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def kubectl(self, *arguments, input=None):
        return self.run("kubectl", *arguments, input=input)

    @property
    def strictly(self):
        """The flag that has unknown fields refused by the server, which kubectl knows since 1.25."""
        version = json.loads(self.kubectl("version", "--client", "--output", "json"))["clientVersion"]
        return ["--validate=strict"] if int(version["minor"].rstrip("+")) >= 25 else []

    def helm(self, *arguments):
        return self.run("helm", *arguments, "--namespace", "pheromone-system")

    def get(self, *arguments):
        return json.loads(self.kubectl("get", "--output", "json", *arguments))

    def definitions(self):
        return {item["metadata"]["name"]: item["metadata"]["uid"] for item in self.get("crd")["items"]}


@unittest.skipUnless(chart.PROGRAMS, "the programs are not built")
class ClusterTests(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.cluster = Cluster(stack)

    def test_the_commands_of_the_readmes(self):
        readme = (chart.ROOT / "README.md").read_text()
        section = re.search(r"(?ms)^## Install on a cluster$.*?(?=^## )", readme)[0]
        commands = re.findall(r"(?m)^\$ (.*)$", section)
        self.assertGreater(len(commands), 8)
        for command in commands:
            self.cluster.run("bash", "-euo", "pipefail", "-c", command)
        self.assertEqual(
            {item["metadata"]["name"] for item in self.cluster.get("deployments", "--namespace", "team-a")["items"]},
            {"pheromone-controller", "pheromone-coordinator"})
        # The chart's README says the same.
        own = re.findall(r"(?m)^\$ (.*)$", (chart.CHART / "README.md").read_text())
        self.assertLessEqual(set(own), set(commands))
        self.assertEqual(len(own), 1)

    def test_kubectl_applies_it_again_and_again(self):
        file = "manifests/install.yaml"
        self.cluster.kubectl("apply", *self.cluster.strictly, "-f", file)
        self.assertLessEqual(DEFINITIONS, set(self.cluster.definitions()))
        # A budget is said to be configured by a kubectl that knows it, since its selector is replaced as a whole.
        again = self.cluster.kubectl("apply", "-f", file).splitlines()
        self.assertLessEqual(
            {line for line in again if not line.endswith(" unchanged")},
            {"poddisruptionbudget.policy/pheromone-controller configured"})
        self.cluster.kubectl("diff", "-f", file)

    def test_every_value_is_applied(self):
        self.cluster.kubectl("create", "namespace", "pheromone-system")
        self.cluster.kubectl("create", "namespace", "team-a")
        # The local cluster serves no network policies, and nobody installed prometheus-operator.
        values = chart.changed(chart.EVERY_VALUE, ("networkPolicy", "enabled"), False)
        for monitor in ["serviceMonitor", "podMonitor"]:
            values = chart.changed(values, ("metrics", monitor, "enabled"), False)
        self.cluster.kubectl("apply", "--server-side", *self.cluster.strictly, "-f", "-", input=chart.text(values))

    def test_upgrade_and_uninstall_keep_definitions_and_workflows(self):
        cluster, release = self.cluster, ["pheromone", str(chart.CHART)]
        self.assertIn("REVISION: 1", cluster.helm("install", *release, "--create-namespace"))
        definitions = cluster.definitions()
        self.assertEqual(set(definitions), DEFINITIONS)
        cluster.kubectl("apply", "-f", "-", input=workflow("kept"))

        self.assertIn("REVISION: 2", cluster.helm("upgrade", *release, "--set", "controller.replicaCount=3"))
        deployment = cluster.get("deployment", "pheromone-controller", "--namespace", "pheromone-system")
        self.assertEqual(deployment["spec"]["replicas"], 3)
        # A release that no longer has them leaves them, too.
        cluster.helm("upgrade", *release, "--set", "crds.enabled=false")
        self.assertEqual(cluster.definitions(), definitions)
        cluster.helm("upgrade", *release)

        cluster.helm("uninstall", "pheromone")
        self.assertEqual(cluster.get("deployments", "--all-namespaces")["items"], [])
        self.assertEqual(cluster.get("clusterroles")["items"], [])
        self.assertEqual(cluster.definitions(), definitions)
        cluster.get("workflow", "kept")

        # The next release takes them over. Without crds.keep they go with it.
        cluster.helm("install", *release)
        cluster.helm("upgrade", *release, "--set", "crds.keep=false")
        self.assertEqual(cluster.definitions(), definitions)
        cluster.helm("uninstall", "pheromone")
        self.assertEqual(cluster.definitions(), {})

    def test_the_operator_of_one_namespace(self):
        cluster = self.cluster
        cluster.kubectl("apply", "-f", "manifests/crds")
        for namespace in ["team-a", "team-b"]:
            cluster.kubectl("create", "namespace", namespace)
        cluster.kubectl("apply", "--namespace", "team-a", "-f", "manifests/namespace-install.yaml")
        # The other one first, so that it would have been seen by whoever has seen the second.
        cluster.kubectl("apply", "--namespace", "team-b", "-f", "-", input=workflow("theirs"))
        cluster.kubectl("apply", "--namespace", "team-a", "-f", "-", input=workflow("ours"))
        http = f"127.0.0.1:{cluster.port + 1}"
        with contextlib.ExitStack() as running:
            for name in ["coordinator", "controller"]:
                self.start(name, running, {
                    "--listen": http if name == "coordinator" else f"127.0.0.1:{cluster.port + 3}",
                    "--link-listen": f"127.0.0.1:{cluster.port + 2}",
                    "--coordinator": f"127.0.0.1:{cluster.port + 2}", "--coordinator-url": f"http://{http}",
                })
            cluster.kubectl(
                "wait", "--namespace", "team-a", "workflow/ours", "--for=condition=Accepted", "--timeout=60s")
            self.assertNotIn("status", cluster.get("workflow", "theirs", "--namespace", "team-b"))
            leases = {
                (item["metadata"]["namespace"], item["metadata"]["name"])
                for item in cluster.get("leases", "--all-namespaces")["items"]}
            self.assertLessEqual({("team-a", "pheromone-controller"), ("team-a", "pheromone-coordinator")}, leases)
            # curl asks again while nobody listens, and while the coordinator is not ready.
            cluster.run(
                "curl", "--silent", "--fail", "--retry", "60", "--retry-all-errors", "--retry-delay", "1",
                f"http://{http}/v1/team-a/ours/sessions")
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://{http}/v1/team-b/theirs/sessions", timeout=30)
            refused.exception.close()
            self.assertEqual(refused.exception.code, 404)

    def start(self, name, running, addresses):
        """Runs a program as its Deployment in team-a says, but for addresses, which are those of this machine."""
        deployment = self.cluster.get("deployment", f"pheromone-{name}", "--namespace", "team-a")
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        flags = (each.replace("$(POD_NAMESPACE)", "team-a").split("=", 1) for each in container["args"])
        arguments = ["=".join([flag[0], *(addresses.get(flag[0], value) for value in flag[1:])]) for flag in flags]
        self.assertIn("--watch-namespace=team-a", arguments)
        log = running.enter_context(open(pathlib.Path(self.cluster.folder) / f"{name}.log", "w"))
        process = subprocess.Popen(
            [f"{chart.PROGRAMS}/pheromone-{name}", *arguments], env=self.cluster.environment, stdout=log,
            stderr=subprocess.STDOUT)
        running.callback(process.wait, timeout=60)
        running.callback(process.terminate)


if __name__ == "__main__":
    unittest.main()
