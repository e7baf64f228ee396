import KubernetesAPI
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct ResourceStoreTests {
  private func pod(_ name: String, version: String = "1", label: String = "x") -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: "n", name: name)
    pod["metadata", "resourceVersion"] = .string(version)
    pod["metadata", "labels"] = ["app": .string(label)]
    pod["metadata", "managedFields"] = [["manager": "m"]]
    return pod
  }

  private func slim(_ object: KubernetesObject) -> KubernetesObject {
    var object = object
    object["metadata", "managedFields"] = nil
    return object
  }

  @Test func keepsIndexesAndDropsManagedFields() {
    let store = ResourceStore(indexes: ["app": { [$0.labels["app"] ?? ""] }])
    store.replaceAll([pod("a"), pod("b", label: "y")])
    #expect(store.list(index: "app", value: "x").map(\.name) == ["a"])
    store.set(pod("a", version: "2", label: "y"))
    #expect(store.list(index: "app", value: "x").isEmpty)
    #expect(store.list(index: "app", value: "y").map(\.name) == ["a", "b"])
    store.remove(pod("b").key)
    #expect(store.list().map(\.name) == ["a"])
    #expect(store.get(pod("a").key)?["metadata", "managedFields"] == nil)
  }

  @Test func changesBeginWithWhatIsThereAndCoalesce() async {
    let store = ResourceStore()
    store.replaceAll([pod("a")])
    var changes = store.changes().makeAsyncIterator()
    store.set(pod("a", version: "2"))
    store.set(pod("b"))
    store.remove(pod("b").key)
    store.set(pod("c"))
    let first = await changes.next()
    #expect(first == StoreChange(key: pod("a").key, old: nil, new: slim(pod("a", version: "2"))))
    #expect(await changes.next()?.key.name == "c", "b came and went unseen")
    store.replaceAll([pod("c", version: "5")])
    #expect(await changes.next() == StoreChange(key: pod("a").key, old: slim(pod("a", version: "2")), new: nil))
    #expect(await changes.next()?.new?.resourceVersion == "5")
  }

  @Test func waitsForTheFirstListAndHeedsCancellation() async throws {
    let store = ResourceStore()
    let impatient = Task { try await store.waitUntilSynced() }
    impatient.cancel()
    await #expect(throws: CancellationError.self) { try await impatient.value }
    let patient = Task { try await store.waitUntilSynced() }
    store.replaceAll([])
    try await patient.value
  }
}
