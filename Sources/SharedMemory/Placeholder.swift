enum SharedMemoryPlaceholder {}
