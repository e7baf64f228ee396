import FoundationEssentials
import KubernetesAPI

/// One kubeconfig file.
struct KubeconfigFile: Sendable {
  let path: String
  let document: YAMLDocument?

  /// Nil where there is no such file.
  init?(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError("cannot be read", remedy: "check who may read it", file: path)
    }
    try self.init(path: path, text: String(decoding: data, as: UTF8.self))
  }

  init(path: String, text: String) throws {
    self.path = path
    document = try YAML.parseWithLines(text, file: path).first
    if let document, document.value.objectValue == nil {
      throw error("this is no kubeconfig", remedy: "it should begin with `apiVersion: v1` and `kind: Config`", at: "")
    }
  }

  func error(_ message: String, remedy: String, at field: String) -> ConfigurationError {
    let position = document?.position(of: field)
    return ConfigurationError(message, remedy: remedy, file: path, line: position?.line, column: position?.column)
  }

  /// Paths in a kubeconfig are relative to it.
  func resolve(_ relative: String) -> String {
    relative.hasPrefix("/")
      ? relative : URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(relative).path
  }
}
