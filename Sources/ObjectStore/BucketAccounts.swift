import Dataflow

/// How many objects and bytes each bucket has. An object remembers the number of its bucket, so that it is looked up by name
/// once.
struct BucketAccounts: Sendable {
  /// Names beyond so many take the place of those of which nothing is left, since a worker may make them up.
  private static let spareNames = 256

  private var names = NameTable()
  private var accounts: ContiguousArray<Account> = []

  private struct Account: Sendable {
    var objects = 0
    var bytes = 0
  }

  /// Enters an object, and answers the bucket's number.
  mutating func add(bytes: Int, to bucket: String) -> Int {
    let number = names.number(of: bucket) ?? newNumber(of: bucket)
    accounts[number].objects += 1
    accounts[number].bytes += bytes
    return number
  }

  mutating func remove(bytes: Int, from number: Int) {
    accounts[number].objects -= 1
    accounts[number].bytes -= bytes
  }

  func name(of number: Int) -> String { names.names[number] }

  var bytesByBucket: [String: Int] { byName(\.bytes) }
  var objectsByBucket: [String: Int] { byName(\.objects) }

  private func byName(_ value: (Account) -> Int) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: zip(names.names, accounts.map(value)).filter { $0.1 != 0 })
  }

  private mutating func newNumber(of bucket: String) -> Int {
    if names.count >= Self.spareNames, let number = accounts.firstIndex(where: { $0.objects == 0 }) {
      names.replace(number, by: bucket)
      return number
    }
    accounts.append(Account())
    return names.append(bucket)
  }
}
