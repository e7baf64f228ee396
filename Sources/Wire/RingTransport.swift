/// What sidecar and worker agree on when frames go through rings.
///
/// A worker that can offers its ring with its hello, and a sidecar that can answers with its own in its welcome. From then
/// on `invoke` goes through the sidecar's ring, and everything that the worker says through the worker's. All else that
/// the sidecar says stays with the socket, which a thread of its own reads: so memory and cancellations reach a handler that
/// keeps the worker's loop busy. An `invoke` may overtake the `attach` of a segment that its inputs lie in; the worker
/// waits for the descriptor then.
///
/// A frame that is too long for the ring goes through the socket, and an empty frame in the ring stands in its place.
package enum RingTransport {
  /// Bytes of the ring that a worker writes: some hundreds of puts fit a frame.
  package static let workerCapacity = 64 << 10
  /// Bytes of the ring that a sidecar writes for each worker, which holds one invocation at a time.
  package static let sidecarCapacity = 16 << 10
  /// What a worker's ring may hold at most, as its reader needs half of that in private memory.
  package static let largestWorkerCapacity = 256 << 10
}
