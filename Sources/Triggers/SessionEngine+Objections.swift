import Dataflow

/// Why a commit is refused.
extension SessionEngine {
  /// A bucket or function that is not there or was not declared, or a key that somebody has put; nil when nothing is wrong.
  mutating func objection(to commit: Commit, by invocation: Invocation) -> String? {
    var name: String { invocation.name.text(in: compiled) }
    var own: [Int: Set<Label>] = [:]
    for put in commit.puts {
      guard let bucket = compiled.bucket(put.bucket) else {
        return "\(name) put \"\(put.key)\" into bucket \"\(put.bucket)\", \(lacksBucket)"
      }
      if let objection = objection(to: put, in: bucket, by: invocation) { return objection }
      if commit.puts.count > 1, !own[bucket, default: []].insert(put.key).inserted {
        return "ObjectExists: \(name) put \"\(put.key)\" into bucket \"\(put.bucket)\" twice; give each its own key"
      }
    }
    if keyCount + commit.puts.count > Self.keyLimit {
      return
        "the session has put objects under \(keyCount) keys, and it can tell \(Self.keyLimit) apart; leave keys out "
        + "where they do not matter, let a stream of objects without keys fill one bucket at a time (each change counts "
        + "as a key), or split the work into more sessions"
    }
    for call in commit.calls {
      if let objection = objection(to: call, by: invocation) { return objection }
    }
    for announcement in commit.announcements {
      if let objection = objection(to: announcement, by: invocation) { return objection }
    }
    return nil
  }

  private var lacksBucket: String {
    "which workflow \"\(compiled.plan.workflow)\" does not have; create the Bucket or correct the name"
  }

  private mutating func objection(to put: Commit.Put, in bucket: Int, by invocation: Invocation) -> String? {
    let function = Int(invocation.name.function)
    var name: String { invocation.name.text(in: compiled) }
    if let allowed = compiled.allowedBuckets[function], !allowed[bucket] {
      return "\(name) put \"\(put.key)\" into bucket \"\(put.bucket)\", which function "
        + "\"\(compiled.plan.functions[function].name)\" does not declare; add it to the function's outputs in the Workflow"
    }
    // What the invocation itself has put, an attempt of it published.
    guard let producer = producer(of: put.key, in: bucket, besides: invocation), producer != invocation.name else {
      return nil
    }
    return
      "ObjectExists: \(name) put \"\(put.key)\" into bucket \"\(put.bucket)\", but \(producer.text(in: compiled)) has "
      + "put it before; objects are immutable, so give each its own key"
  }

  /// Who has put the key. Nobody else is made the invocation's own default keys; another may have taken one for its own.
  private mutating func producer(of key: Label, in bucket: Int, besides invocation: Invocation) -> InvocationName? {
    if !producers[bucket].isEmpty, let producer = producers[bucket][key] { return producer }
    if DefaultKey.isDefault(key, of: invocation.firing) { return nil }
    return recentKeys.producer(of: key, in: bucket)
  }

  private func objection(to call: Commit.Call, by invocation: Invocation) -> String? {
    var name: String { invocation.name.text(in: compiled) }
    guard let function = compiled.function(call.function) else {
      return "\(name) sent an object to function \"\(call.function)\", which workflow "
        + "\"\(compiled.plan.workflow)\" does not have; add it to spec.functions or correct the name"
    }
    guard compiled.allowedCalls[Int(invocation.name.function)][function] else {
      return "\(name) sent an object to function \"\(call.function)\", which function "
        + "\"\(compiled.plan.functions[Int(invocation.name.function)].name)\" does not declare; add it to the function's "
        + "calls in the Workflow"
    }
    return nil
  }

  private func objection(to announcement: Commit.Announcement, by invocation: Invocation) -> String? {
    var name: String { invocation.name.text(in: compiled) }
    guard let bucket = compiled.bucket(announcement.bucket) else {
      return "\(name) announced keys for bucket \"\(announcement.bucket)\", \(lacksBucket)"
    }
    let joins = compiled.announcements[Int(invocation.name.function)]
    guard joins.contains(where: { compiled.triggers[$0].bucket == bucket }) else {
      return "\(name) announced keys for bucket \"\(announcement.bucket)\", where no dynamicJoin has function "
        + "\"\(compiled.plan.functions[Int(invocation.name.function)].name)\" in its announcedBy; add it there"
    }
    return nil
  }
}
