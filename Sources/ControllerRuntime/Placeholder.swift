enum ControllerRuntimePlaceholder {}
