enum SidecarTestsPlaceholder {}
