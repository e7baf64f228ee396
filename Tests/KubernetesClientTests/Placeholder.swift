enum KubernetesClientTestsPlaceholder {}
