enum SharedMemoryTestsPlaceholder {}
