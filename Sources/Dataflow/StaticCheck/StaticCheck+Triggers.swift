// The triggers of a bucket, each by itself.
extension StaticCheck {
  mutating func checkTriggers(of bucket: PlanCompiler.NamedBucket) {
    if bucket.name.unicodeScalars.count > ResourceBounds.nameLength {
      report(
        "metadata.name", bucket: bucket.name, "a bucket's name has at most \(ResourceBounds.nameLength) characters",
        "shorten it")
    }
    let triggers = bucket.spec.triggers
    if triggers.count > ResourceBounds.triggers {
      report(
        "spec.triggers", bucket: bucket.name,
        "a bucket has at most \(ResourceBounds.triggers) triggers, not \(triggers.count)",
        "put some of the objects into another bucket")
    }
    var seen: Set<String> = []
    for (index, trigger) in triggers.enumerated() {
      let field = "spec.triggers[\(index)]"
      checkLabel("\(field).name", bucket: bucket.name, trigger.name, of: "trigger")
      if !seen.insert(trigger.name).inserted {
        report(
          "\(field).name", bucket: bucket.name, "there are two triggers \"\(trigger.name)\"",
          "rename or remove one of them")
      }
      checkFunctionName("\(field).target", bucket: bucket.name, trigger.target)
      if let recovery = trigger.recovery {
        checkFunctionName("\(field).recovery.source", bucket: bucket.name, recovery.source)
        checkDuration("\(field).recovery.timeout", bucket: bucket.name, recovery.timeout)
        checkNumber("\(field).recovery.limit", bucket: bucket.name, recovery.limit, in: ResourceBounds.recoveries)
      }
      guard let primitive = trigger.onlyPrimitive else {
        let names = trigger.primitives.map(\.fieldName).joined(separator: ", ")
        report(
          field, bucket: bucket.name,
          "a trigger has exactly one primitive, and \"\(trigger.name)\" has \(names.isEmpty ? "none" : names)",
          names.isEmpty ? "add one, such as `immediate: {}`" : "split it into one trigger for each")
        continue
      }
      checkPrimitive(primitive, field: "\(field).\(primitive.fieldName)", bucket: bucket.name)
    }
  }

  private mutating func checkPrimitive(_ primitive: Primitive, field: String, bucket: String) {
    switch primitive {
    case .immediate: break
    case .byName(let names), .bySet(let names): checkKeys(names, "\(field).names", bucket)
    case .byBatchSize(let batch): checkBatch(batch, field, bucket)
    case .byTime(let window):
      if checkDuration("\(field).window", bucket: bucket, window.window),
        let length = DurationText.parse(window.window), length < ResourceBounds.shortestWindow
      {
        report(
          "\(field).window", bucket: bucket,
          "window must be at least \(DurationText.format(ResourceBounds.shortestWindow))",
          "write a longer duration, such as 1s; `immediate` fires for each object at once")
      }
    case .redundant(let redundancy):
      checkNumber("\(field).count", bucket: bucket, redundancy.count, in: ResourceBounds.count)
      checkNumber("\(field).take", bucket: bucket, redundancy.take, in: ResourceBounds.count)
      if redundancy.count >= 1, redundancy.take > redundancy.count {
        report(
          "\(field).take", bucket: bucket,
          "take must not be greater than count: \(redundancy.take) of \(redundancy.count) can never come",
          "lower take or raise count")
      }
    case .dynamicJoin(let announcers):
      if announcers.isEmpty {
        report(
          "\(field).announcedBy", bucket: bucket, "nobody announces the join", "name the functions that call expect")
      }
      checkFunctionNames(announcers, "\(field).announcedBy", bucket, atMost: ResourceBounds.announcers)
    case .dynamicGroup(let sources):
      if sources.isEmpty {
        report(
          "\(field).sources", bucket: bucket, "without sources nothing ends the groups",
          "name the functions whose objects are grouped")
      }
      checkFunctionNames(sources, "\(field).sources", bucket, atMost: ResourceBounds.sources)
    }
  }

  private mutating func checkKeys(_ names: [String], _ field: String, _ bucket: String) {
    if names.isEmpty { report(field, bucket: bucket, "the list of names is empty", "name at least one key") }
    checkSet(field, bucket: bucket, names, atMost: ResourceBounds.keys)
    for (index, name) in names.enumerated() {
      let length = name.unicodeScalars.count
      guard !(1...ResourceBounds.keyLength).contains(length) else { continue }
      report(
        "\(field)[\(index)]", bucket: bucket,
        "a key that is waited for has 1 to \(ResourceBounds.keyLength) characters",
        length == 0 ? "write the key, or remove the entry" : "shorten it, and put under the shorter key")
    }
  }

  private mutating func checkBatch(_ batch: Primitive.Batch, _ field: String, _ bucket: String) {
    checkNumber("\(field).count", bucket: bucket, batch.count, in: ResourceBounds.count)
    checkDuration("\(field).maxWait", bucket: bucket, batch.maxWait)
    if batch.maxWait != nil, batch.scope == .session {
      report(
        "\(field).maxWait", bucket: bucket,
        "with scope Session maxWait has no effect: the rest of a session's objects fires when the bucket closes",
        "remove it, or write scope: Workflow", severity: .warning)
    }
  }

  private mutating func checkFunctionNames(_ names: [String], _ field: String, _ bucket: String, atMost bound: Int) {
    checkSet(field, bucket: bucket, names, atMost: bound)
    for (index, name) in names.enumerated() { checkFunctionName("\(field)[\(index)]", bucket: bucket, name) }
  }
}
