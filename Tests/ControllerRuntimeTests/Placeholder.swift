enum ControllerRuntimeTestsPlaceholder {}
