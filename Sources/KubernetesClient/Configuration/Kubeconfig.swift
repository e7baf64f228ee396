import KubernetesAPI

/// Kubeconfig files, merged as `kubectl` merges them: the first file that says something counts.
struct Kubeconfig {
  let files: [KubeconfigFile]

  /// An entry of `clusters`, `contexts` or `users`.
  struct Entry {
    let file: KubeconfigFile
    /// Where its content stands, such as `clusters[0].cluster`.
    let field: String
    let content: JSONValue

    /// Text of a member; nil where it is missing or empty. Anything but text is an error.
    func text(_ name: String) throws -> String? {
      guard let value = content[name], !value.isNull else { return nil }
      guard let text = value.stringValue else {
        throw error("\(name) should be text and is \(value.typeName)", remedy: "put it in quotes", at: name)
      }
      return text.isEmpty ? nil : text
    }

    func flag(_ name: String) throws -> Bool {
      guard let value = content[name], !value.isNull else { return false }
      guard let flag = value.boolValue else {
        throw error("\(name) should be true or false and is \(value.typeName)", remedy: "remove the quotes", at: name)
      }
      return flag
    }

    func path(_ name: String) throws -> String? { try text(name).map { file.resolve($0) } }

    func error(_ message: String, remedy: String, at member: String = "") -> ConfigurationError {
      file.error(message, remedy: remedy, at: member.isEmpty ? field : "\(field)[\"\(member)\"]")
    }
  }

  func configuration(context name: String?) throws -> ClientConfiguration {
    let context = try chosenContext(name)
    guard let clusterName = try context.text("cluster") else {
      throw context.error("the context names no cluster", remedy: "add `cluster:` with the name of one")
    }
    guard let cluster = try entry(of: "clusters", "cluster", named: clusterName) else {
      throw context.error(
        "there is no cluster \"\(clusterName)\"", remedy: known("clusters", "cluster"), at: "cluster")
    }
    var user: Entry?
    if let userName = try context.text("user") {
      user = try entry(of: "users", "user", named: userName)
      if user == nil {
        throw context.error("there is no user \"\(userName)\"", remedy: known("users", "user"), at: "user")
      }
    }
    return try KubeconfigResolver(context: context, cluster: cluster, user: user).configuration()
  }

  private func chosenContext(_ name: String?) throws -> Entry {
    let current = files.lazy.compactMap { $0.document?.value["current-context"]?.stringValue }.first { !$0.isEmpty }
    guard let wanted = name ?? current else {
      throw fileError("no context is chosen", remedy: "set current-context; \(known("contexts", "context"))", "")
    }
    guard let context = try entry(of: "contexts", "context", named: wanted) else {
      throw fileError(
        "there is no context \"\(wanted)\"", remedy: known("contexts", "context"),
        name == nil ? "current-context" : "contexts")
    }
    return context
  }

  private func entry(of list: String, _ member: String, named name: String) throws -> Entry? {
    for file in files {
      guard let value = file.document?.value[list], !value.isNull else { continue }
      guard let elements = value.arrayValue else {
        throw file.error("\(list) should be a list", remedy: "begin each entry with `- name:`", at: list)
      }
      guard let index = elements.firstIndex(where: { $0["name"]?.stringValue == name }) else { continue }
      return Entry(
        file: file, field: "\(list)[\(index)].\(member)", content: elements[index][member] ?? .emptyObject)
    }
    return nil
  }

  private func known(_ list: String, _ what: String) -> String {
    let names = files.flatMap { $0.document?.value[list]?.arrayValue ?? [] }.compactMap { $0["name"]?.stringValue }
    return names.isEmpty
      ? "the kubeconfig has no \(what): get a new one"
      : "it has these: \(names.prefix(20).joined(separator: ", "))"
  }

  private func fileError(_ message: String, remedy: String, _ field: String) -> ConfigurationError {
    let file = files.first { $0.document?.value[field] != nil } ?? files.first
    return file?.error(message, remedy: remedy, at: field) ?? ConfigurationError(message, remedy: remedy)
  }
}
