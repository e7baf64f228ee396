// Single values: durations, quantities, numbers and texts.
extension StaticCheck {
  mutating func checkValues(_ spec: WorkflowSpec) {
    if workflow.unicodeScalars.count > ResourceBounds.workflowNameLength {
      report(
        "metadata.name", "a workflow's name has at most \(ResourceBounds.workflowNameLength) characters", "shorten it")
    }
    checkDuration("spec.sessionTimeout", spec.sessionTimeout)
    checkDuration("spec.retention", spec.retention, allowsZero: true)
    checkDuration("spec.scheduling.forwardAfter", spec.scheduling.forwardAfter, allowsZero: true)
    checkDuration("spec.idleAfter", spec.idleAfter)
    if spec.rollingUpdate.isStuck {
      report(
        "spec.strategy.rollingUpdate", "maxSurge and maxUnavailable must not both be zero",
        "allow one pod more or one pod less")
    }
    checkNumber("spec.executors", spec.executors, in: ResourceBounds.executors)
    checkNumber("spec.sessionLimits.invocations", spec.sessionLimits.invocations, in: ResourceBounds.invocations)
    checkNumber("spec.sessionLimits.restarts", spec.sessionLimits.restarts, in: ResourceBounds.restarts)
    if let bytes = Quantity.bytes(spec.sharedMemory) {
      if bytes <= 0 { report("spec.sharedMemory", "sharedMemory must be greater than zero", "for example 256Mi") }
    } else {
      report("spec.sharedMemory", "\"\(spec.sharedMemory)\" is no quantity", "write bytes with a unit, such as 256Mi")
    }
  }

  /// - Returns: whether it is a duration that may stand there.
  @discardableResult
  mutating func checkDuration(
    _ field: String, bucket: String? = nil, _ text: String?, allowsZero: Bool = false
  ) -> Bool {
    guard let text else { return true }
    guard let duration = DurationText.parse(text) else {
      report(field, bucket: bucket, "\"\(text)\" is no duration", "write a number with a unit, such as 200ms")
      return false
    }
    if duration < .zero || (duration == .zero && !allowsZero) {
      let name = field.split(separator: ".").last ?? ""
      report(
        field, bucket: bucket, "\(name) must \(allowsZero ? "not be negative" : "be greater than zero")",
        "write a longer duration, such as 10s")
      return false
    }
    return true
  }

  mutating func checkNumber(_ field: String, bucket: String? = nil, _ number: Int?, in bounds: ClosedRange<Int>) {
    guard let number, !bounds.contains(number) else { return }
    report(
      field, bucket: bucket, "\(number) is not allowed",
      "write a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
  }

  /// The name of a function or trigger, a DNS label.
  mutating func checkLabel(_ field: String, bucket: String? = nil, _ name: String, of kind: String) {
    let isLabel =
      !name.isEmpty && name.utf8.count <= ResourceBounds.nameLength && name.first != "-" && name.last != "-"
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-")
      }
    guard !isLabel else { return }
    report(
      field, bucket: bucket, "\"\(name)\" is no name of a \(kind)",
      "write at most \(ResourceBounds.nameLength) small letters, digits and hyphens, a letter or digit first and last")
  }

  /// A list that is a set: no longer than its bound, and nothing twice.
  mutating func checkSet(_ field: String, bucket: String? = nil, _ list: [String], atMost bound: Int) {
    if list.count > bound {
      report(field, bucket: bucket, "the list has \(list.count) entries", "leave at most \(bound) of them")
    }
    var seen: Set<String> = []
    for (index, entry) in list.enumerated() where !seen.insert(entry).inserted {
      report("\(field)[\(index)]", bucket: bucket, "\"\(entry)\" stands twice in the list", "remove one of them")
    }
  }
}
