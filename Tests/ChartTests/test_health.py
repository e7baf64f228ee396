"""The health check for Argo CD in the chart's README, run by the Lua that Argo CD's language is."""

import re
import unittest

import helm_python as helm
import lupa.lua51 as lupa

import chart


def script():
    readme = (chart.CHART / "README.md").read_text()
    block = next(block for block in re.findall(r"(?ms)^```yaml\n(.*?)^```$", readme) if "health.lua" in block)
    customizations = helm.values_from_yaml(block)["data"]["resource.customizations"]
    return helm.values_from_yaml(customizations)["pheromone.dev/*"]["health.lua"]


def health(*conditions, observed=2):
    """What the check says of an object of generation 2."""
    lua = lupa.LuaRuntime()
    fields = ["type", "status", "reason", "message"]
    status = {"observedGeneration": observed, "conditions": [dict(zip(fields, each)) for each in conditions]}
    lua.globals().obj = lua.table_from(
        {"metadata": {"generation": 2}, **({"status": status} if conditions else {})}, recursive=True)
    answer = lua.execute(script())
    return answer["status"], answer["message"]


ACCEPTED = ("Accepted", "True", "Accepted", "sound")
UP_TO_DATE = ("Reconciling", "False", "UpToDate", "as it should be")


class HealthTests(unittest.TestCase):
    def test_what_nobody_has_looked_at(self):
        self.assertEqual(health()[0], "Progressing")
        self.assertEqual(health(ACCEPTED, ("Ready", "True", "AllReady", "2 of 2"), observed=1)[0], "Progressing")

    def test_workflows(self):
        for conditions, expected in [
            ([ACCEPTED, ("Ready", "True", "AllReady", "2 of 2"), UP_TO_DATE], ("Healthy", "2 of 2")),
            ([ACCEPTED, ("Ready", "True", "ScaledToZero", "none"), UP_TO_DATE], ("Healthy", "none")),
            ([ACCEPTED, ("Ready", "True", "Suspended", "waits"), UP_TO_DATE], ("Suspended", "waits")),
            ([ACCEPTED, ("Ready", "True", "AllReady", "2 of 2"), ("Reconciling", "True", "RollingOut", "1 of 2")],
             ("Progressing", "1 of 2")),
            ([ACCEPTED, ("Ready", "False", "PodsNotReady", "1 of 2"), UP_TO_DATE], ("Progressing", "1 of 2")),
            ([ACCEPTED, ("Ready", "False", "PodsNotReady", "0 of 2"), ("Degraded", "True", "ImagePull", "no image")],
             ("Degraded", "no image")),
            ([("Accepted", "False", "Unsound", "no entry"), ("Ready", "True", "AllReady", "2 of 2")],
             ("Degraded", "no entry")),
        ]:
            with self.subTest(conditions):
                self.assertEqual(health(*conditions), expected)

    def test_buckets(self):
        self.assertEqual(health(ACCEPTED, ("Ready", "True", "Ready", "open")), ("Healthy", "open"))
        self.assertEqual(
            health(("Accepted", "False", "WorkflowNotFound", "waits"), ("Ready", "False", "WorkflowNotFound", "waits")),
            ("Progressing", "waits"))
        self.assertEqual(
            health(ACCEPTED, ("Ready", "False", "WorkflowNotAccepted", "see it")), ("Progressing", "see it"))


if __name__ == "__main__":
    unittest.main()
