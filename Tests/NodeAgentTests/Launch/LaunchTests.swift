import Foundation
import KubernetesAPI
import NodeAgent
import Testing

@Suite struct VariableExpansionTests {
  @Test(arguments: [
    ("$(A)", "1"), ("x$(A)y", "x1y"), ("$(B)", "$(B)"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$A", "$A"), ("$", "$"),
    ("$(A", "$(A"), ("100$", "100$"), ("", ""),
  ])
  func expands(_ text: String, _ expected: String) {
    #expect(VariableExpansion.expand(text) { $0 == "A" ? "1" : nil } == expected)
  }
}

@Suite struct PathMappingTests {
  private let mapping = PathMapping([("/etc/app", "/p/config"), ("/etc/app/secret", "/p/secret"), ("/tmp/", "/p/tmp")])

  @Test(arguments: [
    ("/etc/app", "/p/config"), ("/etc/app/key", "/p/config/key"), ("/etc/app/secret/key", "/p/secret/key"),
    ("/etc/application", "/etc/application"), ("/x/etc/app", "/x/etc/app"), ("--file=/etc/app/a", "--file=/p/config/a"),
    ("cat /etc/app/a '/tmp/b'", "cat /p/config/a '/p/tmp/b'"), ("unix:/tmp/s:/etc/app", "unix:/p/tmp/s:/p/config"),
    ("no path", "no path"),
  ])
  func replaces(_ text: String, _ expected: String) { #expect(mapping.replace(in: text) == expected) }
}

@Suite struct ImageMapTests {
  private let map = ImageMap(folders: ["ghcr.io/p/*": "/all", "ghcr.io/p/special": "/one", "busybox": "/bin"])

  @Test(arguments: [
    ("ghcr.io/p/wordcount:0.1.0", "/all/wordcount"), ("ghcr.io/p/special:2", "/one/special"),
    ("ghcr.io/p/a@sha256:00", "/all/a"), ("busybox", "/bin/busybox"),
  ])
  func findsTheEntryPoint(_ image: String, _ path: String) throws {
    #expect(try map.entryPoint(of: image) == path)
  }

  @Test func anUnknownImageSaysWhatToDo() {
    let failure = #expect(throws: StartFailure.self) { try map.entryPoint(of: "localhost:5000/x:1") }
    #expect(failure?.reason == .imagePull)
    #expect(failure?.message.contains("--image localhost:5000/x=FOLDER") == true)
    #expect(failure?.message.contains("pheromone cluster stop") == true)
  }
}

@Suite struct ContainerEnvironmentTests {
  private let downward: DownwardAPI = {
    var pod = PodDescription(
      key: ObjectKey(namespace: "ns", name: "pod"), uid: "u", labels: ["app": "x"],
      spec: PodSpecification(containers: [.init(name: "c")]))
    pod.annotations = ["a": "b"]
    return DownwardAPI(
      pod: pod, podIP: "127.5.0.2", hostIP: "127.0.0.1", nodeName: "n",
      capacity: .init(processors: 2, memoryBytes: 1 << 30, pods: 10))
  }()

  private func environment(_ container: ContainerSpecification, _ data: ConfigurationData = .init()) throws
    -> [String: String]
  {
    try ContainerEnvironment(of: container, downward: downward, data: data, mapping: PathMapping([])).values
  }

  @Test func laterEntriesReferToEarlierOnes() throws {
    var container = ContainerSpecification(name: "c")
    container.env = [
      .init(name: "IP", valueFrom: .init(fieldRef: .init(fieldPath: "status.podIP"))),
      .init(name: "LISTEN", value: "$(IP):7070"), .init(name: "EARLY", value: "$(LATE)"),
      .init(name: "LATE", value: "1"),
    ]
    let values = try environment(container)
    #expect(values == ["IP": "127.5.0.2", "LISTEN": "127.5.0.2:7070", "EARLY": "$(LATE)", "LATE": "1"])
  }

  @Test(arguments: [
    ("metadata.name", "pod"), ("metadata.namespace", "ns"), ("metadata.uid", "u"), ("metadata.labels['app']", "x"),
    ("metadata.annotations['a']", "b"), ("spec.nodeName", "n"), ("status.hostIP", "127.0.0.1"),
  ])
  func theDownwardAPIKnows(_ field: String, _ value: String) throws {
    #expect(try downward.value(of: FieldReference(fieldPath: field)) == value)
  }

  @Test func configMapKeysAreReadAndMissingOnesRefused() throws {
    var container = ContainerSpecification(name: "c")
    container.env = [.init(name: "K", valueFrom: .init(configMapKeyRef: .init(name: "m", key: "k")))]
    #expect(try environment(container, .init(configMaps: ["m": ["k": Data("v".utf8)]])) == ["K": "v"])
    let failure = #expect(throws: StartFailure.self) { try environment(container) }
    #expect(failure?.reason == .configuration)
    container.env = [.init(name: "K", valueFrom: .init(configMapKeyRef: .init(name: "m", key: "k", optional: true)))]
    #expect(try environment(container) == [:])
  }

  @Test func theSpecificationOfAProbeHasTheDefaultsOfKubernetes() throws {
    let probe: ProbeSpecification = try JSONValue(parsing: #"{"httpGet":{"port":"web"},"periodSeconds":0}"#).decode()
    #expect(probe.period == .seconds(10))
    #expect(probe.timeout == .seconds(1))
    #expect(probe.failureThreshold == 3)
    #expect(probe.action.httpGet?.port == .name("web"))
  }
}
