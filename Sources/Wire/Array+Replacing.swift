extension [UInt8] {
  /// Has these bytes instead of its own, in the same memory if that is enough.
  package mutating func replace(by bytes: Span<UInt8>) {
    removeAll(keepingCapacity: true)
    // Copied at once.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
