enum LocalAPIServerTestsPlaceholder {}
