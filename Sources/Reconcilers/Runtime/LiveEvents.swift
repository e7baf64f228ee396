package import ControllerRuntime
package import KubernetesAPI

/// Events, through the recorder that aggregates and bounds them.
package struct LiveEvents: EventSink {
  private let recorder: EventRecorder

  package init(_ recorder: EventRecorder) { self.recorder = recorder }

  package func record(_ event: ControllerEvent, regarding object: KubernetesObject) async {
    await recorder.record(
      event.isWarning ? .warning : .normal, reason: event.reason, message: event.message, regarding: object,
      action: event.action)
  }
}
