enum DataflowTestsPlaceholder {}
