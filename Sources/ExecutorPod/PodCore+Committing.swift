import ObjectStore
import Triggers
import Wire

/// What an attempt has made, entered into the accounts.
extension PodCore {
  /// Enters the transaction's objects, all or nothing.
  mutating func commitObjects(
    of transaction: Transaction, by executor: UInt32
  ) throws(LedgerError) -> Commit {
    // Nearly always there is one, which takes no lists on the way.
    if transaction.calls.isEmpty, transaction.announcements.isEmpty {
      if transaction.puts.count == 1, transaction.outputs.isEmpty {
        let put = transaction.puts[0]
        let handle = try ledger.commit(NewObject(location: put.location, bucket: put.bucket), by: executor)
        return Commit(puts: [.init(bucket: put.bucket, key: put.key, group: put.group, handle: handle)])
      }
      if transaction.puts.isEmpty, transaction.outputs.count == 1 {
        let output = transaction.outputs[0]
        let handle = try ledger.commit(NewObject(location: output.location, bucket: ""), by: executor)
        return Commit(outputs: [.init(name: output.name, handle: handle)])
      }
    }
    var objects = transaction.puts.map { NewObject(location: $0.location, bucket: $0.bucket) }
    for call in transaction.calls { objects.append(NewObject(location: call.location, bucket: "")) }
    for output in transaction.outputs { objects.append(NewObject(location: output.location, bucket: "")) }
    return Commit(transaction, handles: try ledger.commit(objects, by: executor))
  }
}

extension Commit {
  /// A transaction whose objects are entered under the handles: those of its puts, then of its calls, then of its outputs.
  init(_ transaction: Transaction, handles: [UInt64]) {
    let calls = handles.dropFirst(transaction.puts.count)
    let outputs = calls.dropFirst(transaction.calls.count)
    self.init(
      puts: zip(transaction.puts, handles).map { put, handle in
        Put(bucket: put.bucket, key: put.key, group: put.group, handle: handle)
      },
      calls: zip(transaction.calls, calls).map { call, handle in
        Call(function: call.function, key: call.key, group: call.group, handle: handle)
      },
      announcements: transaction.announcements.map { Announcement(bucket: $0.bucket, keys: $0.keys) },
      outputs: zip(transaction.outputs, outputs).map { output, handle in Output(name: output.name, handle: handle) })
  }
}
