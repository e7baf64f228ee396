enum ObjectStoreTestsPlaceholder {}
