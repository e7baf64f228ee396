enum TriggersTestsPlaceholder {}
