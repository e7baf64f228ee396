/// The objects that an invocation was given, in the order that its trigger promises.
public struct Inputs: Sendable, RandomAccessCollection {
  private let views: [ObjectView]

  init(_ views: [ObjectView]) { self.views = views }

  /// The position of the first input: 0.
  public var startIndex: Int { 0 }
  /// The position after the last input: their number.
  public var endIndex: Int { views.count }

  /// The input at a position, which must be one of `indices`.
  public subscript(position: Int) -> ObjectView { views[position] }

  /// The first input with that key, if there is one.
  public subscript(key: String) -> ObjectView? { views.first { $0.key == key } }

  /// The keys of the inputs, in their order.
  public var names: [String] { views.map(\.key) }

  /// The group that all inputs are of, as those of a `dynamicGroup` are; nil when there are none or they differ.
  public var group: String? {
    guard let group = views.first?.group, views.allSatisfy({ $0.group == group }) else { return nil }
    return group
  }

  /// The only input. An error, not retryable, when there is none or there are several.
  public var single: ObjectView {
    get throws {
      guard views.count == 1 else {
        throw FunctionError("the function expects a single input and was given \(views.count)", isRetryable: false)
      }
      return views[0]
    }
  }
}
