package import FoundationEssentials
package import Logging

/// Takes what a `Logger` is told and writes it as lines.
package struct LineLog: LogHandler {
  package var logLevel = Logger.Level.info
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?

  private let label: String
  private let format: LogFormat
  private let stream: LogStream
  private let now: @Sendable () -> Date

  package init(
    label: String, format: LogFormat, stream: LogStream = .standardError,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.label = label
    self.format = format
    self.stream = stream
    self.now = now
  }

  package subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// What was said with the message counts more than what the task, and that more than what the logger carries.
  package func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
    if let given = event.metadata { fields.merge(given) { $1 } }
    let record = LogRecord(
      time: now(), level: event.level, logger: label, message: event.message.description,
      error: event.error.map { "\($0)" }, metadata: fields)
    stream.write(record.line(format))
  }
}
