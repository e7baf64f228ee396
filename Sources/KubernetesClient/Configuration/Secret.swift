/// Text that must not be seen: it prints as `<REDACTED>` wherever it is described, reflected or interpolated.
package struct Secret: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  /// The text itself. Only for the header or option that carries it.
  package let revealed: String

  package init(_ text: String) { revealed = text }
  package init(stringLiteral value: String) { revealed = value }

  package var description: String { "<REDACTED>" }
  package var debugDescription: String { "<REDACTED>" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
