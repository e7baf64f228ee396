/// Creates in batches of 1, 2, 4, … and stops after the first batch in which something failed, so that a quota or a
/// policy that refuses one pod is not asked a thousand times.
package enum SlowStart {
  /// - Returns: what was created; and the first failure, if any.
  package static func run<Item: Sendable, Made: Sendable>(
    _ items: [Item], _ create: @escaping @Sendable (Item) async throws -> Made
  ) async -> (made: [Made], failure: (any Error)?) {
    var made: [Made] = []
    var rest = items[...]
    var size = 1
    while !rest.isEmpty {
      let batch = rest.prefix(size)
      rest = rest.dropFirst(batch.count)
      let results = await withTaskGroup(of: Result<Made, any Error>.self) { group in
        for item in batch {
          group.addTask {
            do { return .success(try await create(item)) } catch { return .failure(error) }
          }
        }
        var results: [Result<Made, any Error>] = []
        for await result in group { results.append(result) }
        return results
      }
      var failure: (any Error)?
      for result in results {
        switch result {
        case .success(let value): made.append(value)
        case .failure(let error): failure = failure ?? error
        }
      }
      if let failure { return (made, failure) }
      size = min(size * 2, 64)
    }
    return (made, nil)
  }
}
