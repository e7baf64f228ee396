enum PheromoneFunctionsTestsPlaceholder {}
