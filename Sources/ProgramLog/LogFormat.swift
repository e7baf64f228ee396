/// How a line of a program's log is written.
package enum LogFormat: String, Sendable, CaseIterable {
  /// An object for each line, for whatever collects logs.
  case json
  /// For people.
  case console

  /// What is right where nobody has said: in a pod, which Kubernetes tells where its API is, logs are collected.
  package static func standard(environment: [String: String]) -> LogFormat {
    environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false ? .json : .console
  }
}
