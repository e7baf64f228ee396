enum TriggersPlaceholder {}
