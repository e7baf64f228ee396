enum LocalAPIServerPlaceholder {}
