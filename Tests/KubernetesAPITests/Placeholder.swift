enum KubernetesAPITestsPlaceholder {}
