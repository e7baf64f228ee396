enum SidecarPlaceholder {}
