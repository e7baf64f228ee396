"""What is rendered fits together, is what Kubernetes accepts, and asks for no more than it needs."""

import pathlib
import subprocess
import unittest

import helm_python as helm
import kubernetes_validate

import chart

COMPONENTS = ["controller", "coordinator"]
NAMESPACED = {"watchNamespaces": ["team-a"], "crds": {"enabled": False}, "rbac": {"userRoles": False}}
OPTIONAL = {
    "networkPolicy": {"enabled": True, "requestsFrom": [{"podSelector": {}}], "metricsFrom": [{"podSelector": {}}]},
    "metrics": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}},
}
VARIANTS = {"default": {}, "one namespace": NAMESPACED, "optional": OPTIONAL, "every value": chart.EVERY_VALUE}
INSTALLATIONS = {
    file: chart.documents((chart.ROOT / "manifests" / file).read_text())
    for file in ["install.yaml", "namespace-install.yaml"]
}


def everything():
    """All variants, by name."""
    return {**{name: chart.objects(values) for name, values in VARIANTS.items()}, **INSTALLATIONS}


def of_kind(objects, *kinds):
    return [item for item in objects if item["kind"] in kinds]


def matches(selector, labels):
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


class ObjectTests(unittest.TestCase):
    def test_kubernetes_accepts_them(self):
        # What prometheus-operator defines is not Kubernetes'.
        foreign = {"ServiceMonitor", "PodMonitor"}
        for name, objects in everything().items():
            for item in objects:
                for version in ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36"]:
                    with self.subTest(variant=name, object=chart.identity(item), version=version):
                        if item["kind"] not in foreign:
                            kubernetes_validate.validate(item, version, strict=True)

    def test_a_misspelled_field_would_be_noticed(self):
        (deployment, _) = of_kind(chart.objects(), "Deployment")
        for path in [("spec", "replica"), ("spec", "template", "spec", "nodeSelectors")]:
            with self.assertRaises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(chart.changed(deployment, path, {}), "1.36", strict=True)

    def test_labels(self):
        for name, values in VARIANTS.items():
            for item in chart.objects(values, name="other"):
                with self.subTest(variant=name, object=chart.identity(item)):
                    labels = item["metadata"]["labels"]
                    self.assertEqual(labels["app.kubernetes.io/name"], "pheromone")
                    self.assertEqual(labels["app.kubernetes.io/instance"], "other")
                    self.assertEqual(labels["app.kubernetes.io/part-of"], "pheromone")
                    self.assertEqual(labels["app.kubernetes.io/managed-by"], "Helm")
                    self.assertEqual(labels["helm.sh/chart"], "pheromone-0.1.0")

    def test_nothing_stands_twice(self):
        for name, objects in everything().items():
            names = [chart.identity(item) for item in objects]
            self.assertEqual(len(names), len(set(names)), name)

    def test_names_follow_the_release(self):
        for release, prefix in [("pheromone", "pheromone"), ("flow", "flow-pheromone"), ("x" * 53, "x" * 31 + "-pheromone")]:
            for item in of_kind(chart.objects(name=release), "Deployment", "Service", "ServiceAccount", "ClusterRole"):
                self.assertTrue(item["metadata"]["name"].startswith(prefix + "-"), item["metadata"]["name"])
                self.assertLessEqual(len(item["metadata"]["name"]), 63)

    def test_pods_are_restricted(self):
        for name, objects in everything().items():
            for item in of_kind(objects, "Deployment"):
                pod = item["spec"]["template"]["spec"]
                with self.subTest(variant=name, object=chart.identity(item)):
                    for key in ["hostNetwork", "hostPID", "hostIPC", "volumes"]:
                        self.assertNotIn(key, pod)
                    self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                    self.assertIn(pod["securityContext"]["seccompProfile"]["type"], ["RuntimeDefault", "Localhost"])
                    for container in pod["containers"]:
                        context = container["securityContext"]
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertIn("ALL", context["capabilities"]["drop"])
                        self.assertNotIn("add", context["capabilities"])
                        self.assertNotIn("privileged", context)
                        self.assertTrue(all("hostPort" not in port for port in container["ports"]))

    def test_rights_are_least(self):
        for name, objects in everything().items():
            for role in of_kind(objects, "Role", "ClusterRole"):
                for rule in role["rules"]:
                    with self.subTest(variant=name, object=chart.identity(role), rule=rule):
                        self.assertNotIn("*", rule["apiGroups"] + rule["resources"] + rule["verbs"])
                        self.assertNotIn("secrets", rule["resources"])
                        self.assertNotIn("rbac.authorization.k8s.io", rule["apiGroups"])
            for binding in of_kind(objects, "RoleBinding", "ClusterRoleBinding"):
                kind = binding["roleRef"]["kind"]
                roles = [item["metadata"]["name"] for item in of_kind(objects, kind)]
                self.assertIn(binding["roleRef"]["name"], roles)

    def test_the_same_rights_in_one_namespace(self):
        everywhere, within = chart.objects(), chart.objects(NAMESPACED)
        self.assertEqual(of_kind(within, "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"), [])
        for component in COMPONENTS:
            (role,) = [
                item for item in of_kind(everywhere, "ClusterRole") if item["metadata"]["name"] == f"pheromone-{component}"]
            (own,) = [
                item for item in of_kind(within, "Role")
                if item["metadata"]["name"] == f"pheromone-{component}-workflows"]
            self.assertEqual(own["metadata"]["namespace"], "team-a")
            self.assertEqual(own["rules"], role["rules"])
            for objects in [everywhere, within]:
                (leases,) = [
                    item for item in of_kind(objects, "Role") if item["metadata"]["name"] == f"pheromone-{component}"]
                self.assertEqual(leases["metadata"]["namespace"], "pheromone-system")
                self.assertEqual([rule["resources"] for rule in leases["rules"]], [["leases"]])

    def test_the_namespaces_installation_names_no_namespace(self):
        cluster_wide = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace"}
        for item in INSTALLATIONS["namespace-install.yaml"]:
            self.assertNotIn(item["kind"], cluster_wide)
            self.assertNotIn("namespace", item["metadata"])
            for subject in item.get("subjects", []):
                self.assertNotIn("namespace", subject)

    def test_they_refer_to_one_another(self):
        for name, objects in everything().items():
            accounts = [item["metadata"]["name"] for item in of_kind(objects, "ServiceAccount")] + ["known"]
            pods = [item["spec"]["template"] for item in of_kind(objects, "Deployment")]
            services = of_kind(objects, "Service")
            self.assertEqual(len(pods), 2)

            def selected(selector):
                return [pod for pod in pods if matches(selector, pod["metadata"]["labels"])]

            for item in objects:
                with self.subTest(variant=name, object=chart.identity(item)):
                    for subject in item.get("subjects", []):
                        self.assertIn(subject["name"], accounts)
                    spec = item.get("spec", {})
                    if item["kind"] == "Deployment":
                        self.assertEqual(selected(spec["selector"]["matchLabels"]), [spec["template"]])
                        self.assertIn(spec["template"]["spec"]["serviceAccountName"], accounts)
                    if item["kind"] == "Service":
                        (pod,) = selected(spec["selector"])
                        ports = [port["name"] for port in pod["spec"]["containers"][0]["ports"]]
                        self.assertLessEqual({port["targetPort"] for port in spec["ports"]}, set(ports))
                    if item["kind"] == "PodDisruptionBudget":
                        self.assertEqual(len(selected(spec["selector"]["matchLabels"])), 1)
                    if item["kind"] == "NetworkPolicy":
                        (pod,) = selected(spec["podSelector"]["matchLabels"])
                        open_ports = {port["port"] for rule in spec["ingress"] for port in rule["ports"]}
                        self.assertEqual(open_ports, {port["name"] for port in pod["spec"]["containers"][0]["ports"]})
                        self.assertEqual(spec["policyTypes"], ["Ingress"])
                    if item["kind"] == "ServiceMonitor":
                        (service,) = [
                            each for each in services
                            if matches(spec["selector"]["matchLabels"], each["metadata"]["labels"])]
                        self.assertIn(spec["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])

    def test_the_controller_may_always_ask_the_coordinator(self):
        objects = chart.objects(OPTIONAL)
        (policy,) = [
            item for item in of_kind(objects, "NetworkPolicy") if item["metadata"]["name"] == "pheromone-coordinator"]
        (rule,) = [rule for rule in policy["spec"]["ingress"] if rule["ports"][0]["port"] == "http"]
        (controller,) = [
            item["spec"]["template"] for item in of_kind(objects, "Deployment")
            if item["metadata"]["name"] == "pheromone-controller"]
        self.assertTrue(any(
            matches(peer["podSelector"].get("matchLabels"), controller["metadata"]["labels"]) for peer in rule["from"]))
        self.assertEqual(len(rule["from"]), 3)

    def test_definitions(self):
        files = sorted((chart.ROOT / "manifests/crds").glob("*.yaml"))
        self.assertEqual(len(files), 2)
        for keep in [True, False]:
            rendered = of_kind(chart.objects({"crds": {"keep": keep}}), "CustomResourceDefinition")
            self.assertEqual(len(rendered), len(files))
            for definition, file in zip(rendered, files):
                self.assertEqual(definition["spec"], helm.values_from_yaml(file.read_text())["spec"])
                annotations = definition["metadata"].get("annotations", {})
                self.assertEqual(annotations, {"helm.sh/resource-policy": "keep"} if keep else {})
        self.assertEqual(of_kind(chart.objects({"crds": {"enabled": False}}), "CustomResourceDefinition"), [])

    def test_a_mirror_gets_all_images(self):
        text = chart.text({"image": {"registry": "mirror.example.com", "tag": "v9"}})
        self.assertNotIn("ghcr.io", text)
        for program in ["controller", "coordinator", "sidecar"]:
            self.assertIn(f"mirror.example.com/pheromone-dev/pheromone-{program}:v9", text)

    @unittest.skipUnless(chart.PROGRAMS, "the programs are not built")
    def test_the_programs_know_their_flags(self):
        for name, objects in everything().items():
            for item in of_kind(objects, "Deployment"):
                (container,) = item["spec"]["template"]["spec"]["containers"]
                arguments = [each.replace("$(POD_NAMESPACE)", "default") for each in container["args"]]
                with self.subTest(variant=name, program=container["name"]):
                    # It reads its flags before it looks for the file. A wrong flag would end it with 64.
                    run = subprocess.run(
                        [pathlib.Path(chart.PROGRAMS) / f"pheromone-{container['name']}", *arguments,
                         "--kubeconfig", "/nonexistent/kubeconfig"],
                        capture_output=True, text=True, timeout=60)
                    self.assertEqual(run.returncode, 1, run.stderr)
                    self.assertIn("/nonexistent/kubeconfig", run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
