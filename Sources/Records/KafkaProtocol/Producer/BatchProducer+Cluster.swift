import Kafka

/// Which topics' leaders are to be known, and whether they are to be asked for.
struct MetadataInterest {
  private(set) var topics: Set<String> = []
  var isWanted = false
  var call: Call<Metadata>?
  var notBefore = ContinuousClock.now
  /// Since when a topic is not there, as every broker asked says.
  var missingSince: [String: ContinuousClock.Instant] = [:]

  /// A topic just made is not known to every broker at once.
  static let patience = Duration.seconds(10)
  static let pause = Duration.milliseconds(50)
  /// Where nothing but the answer says that a topic is unknown, it is asked again for so long; the caller may begin anew.
  static let settling = Duration.seconds(2)

  /// Brokers that have not answered for a while, and when to look again.
  var stalled: Set<Int32> = []
  var nextLook = ContinuousClock.now
  static let stallPatience = Duration.seconds(3)
  static let lookPause = Duration.seconds(1)

  mutating func add(_ topic: String) {
    if topics.insert(topic).inserted { isWanted = true }
  }
}

// Who leads which partition, and who coordinates what.
extension BatchProducer {
  func refreshMetadata(_ now: ContinuousClock.Instant) {
    guard metadata.isWanted, metadata.call == nil else { return }
    guard metadata.notBefore <= now else { return wake(at: metadata.notBefore) }
    metadata.isWanted = false
    let call = Call(Metadata(topics: metadata.topics.sorted()), to: .anyBroker)
    metadata.call = call
    calls.append(call)
  }

  /// Somebody waits for a leader. An answer that is on its way wakes us by itself.
  func wantMetadata() {
    metadata.isWanted = true
    if metadata.call == nil { wake(at: metadata.notBefore) }
  }

  func readMetadata(_ now: ContinuousClock.Instant) {
    guard let call = metadata.call, call.isOver else { return }
    calls.removeAll { $0 === call }
    metadata.call = nil
    metadata.notBefore = now + MetadataInterest.pause
    switch call.state {
    case .answered(let answer): learn(answer, now)
    case .lost(let error, _):
      metadata.isWanted = true
      if !error.isRetriable { fail(error) }
    case .waiting, .sent: break
    }
  }

  private func learn(_ answer: Metadata.Answer, _ now: ContinuousClock.Instant) {
    for broker in answer.brokers { network.learn(broker) }
    network.keep(answer.brokers)
    for topic in answer.topics {
      let code = KafkaError.Code(topic.error)
      if code == .unknownTopicOrPartition {
        missing(topic.name, now)
        continue
      }
      metadata.missingSince[topic.name] = nil
      if code != .none, code != .leaderNotAvailable, isSendingTo(topic.name) {
        fail(KafkaError(code, "\(topic.name): \(code.sentence)", isFatal: true))
      }
      for partition in topic.partitions {
        setLeader(partition.leader >= 0 ? partition.leader : nil, of: TopicPartition(topic.name, partition.id))
      }
    }
    if active.contains(where: { leaders[queues[$0].partition] == nil }) { metadata.isWanted = true }
  }

  func setLeader(_ node: Int32?, of partition: TopicPartition) {
    guard leaders[partition] != node else { return }
    leaders[partition] = node
    isListingStale = true
  }

  /// A broker that has come to a standstill closes no connection: the others are asked whether they have taken its place.
  func watchStalls(_ now: ContinuousClock.Instant) {
    let (nodes, next) = network.stalled(for: MetadataInterest.stallPatience, now: now)
    metadata.stalled = nodes
    if let next { wake(at: next) }
    guard !nodes.isEmpty else { return }
    guard metadata.nextLook <= now else { return wake(at: metadata.nextLook) }
    metadata.nextLook = now + MetadataInterest.lookPause
    metadata.isWanted = true
    wake(at: metadata.nextLook)
    let sought = coordinators.filter { nodes.contains($0.value) }.map(\.key) + owed(by: nodes).map(\.1)
    for destination in sought where searches[destination] == nil { seek(destination, after: .zero) }
  }

  /// Nothing is waited for from a broker at a standstill once another has its place.
  func leaveStalled() {
    guard !metadata.stalled.isEmpty else { return }
    for (node, destination) in owed(by: metadata.stalled) {
      let successor: Int32? =
        switch destination {
        case .anyBroker: nil
        case .coordinator: coordinators[destination]
        case .leader(let partition): leaders[partition]
        }
      if let successor, successor != node { network.leave(node) }
    }
  }

  /// What these brokers have been asked as those in charge of it, and have not answered.
  private func owed(by nodes: Set<Int32>) -> [(node: Int32, Destination)] {
    works.values.flatMap { work -> [(node: Int32, Destination)] in
      switch work {
      case .call(let call, let connection):
        guard let node = connection.node, nodes.contains(node) else { return [] }
        return [(node, call.destination)]
      case .produce(let request):
        guard let node = request.connection.node, nodes.contains(node) else { return [] }
        return request.batches.filter { queues.indices.contains($0.target) }
          .map { (node, .leader(queues[$0.target].partition)) }
      }
    }
  }

  private func isSendingTo(_ topic: String) -> Bool { active.contains { queues[$0].partition.topic == topic } }

  private func missing(_ topic: String, _ now: ContinuousClock.Instant) {
    let since = metadata.missingSince[topic] ?? now
    metadata.missingSince[topic] = since
    for partition in leaders.keys where partition.topic == topic { setLeader(nil, of: partition) }
    guard isSendingTo(topic), now - since >= MetadataInterest.patience else { return }
    fail(
      KafkaError(.unknownTopicOrPartition, "the topic \(topic) does not exist", txnRequiresAbort: isTransactional))
  }

  func seek(_ destination: Destination, after pause: Duration) {
    guard case .coordinator(let kind, let key) = destination else { return }
    // A broker that is gone may be named for a while: whoever is told so doesn't ask again at once.
    let earliest = lastSought[destination].map { $0 + MetadataInterest.pause } ?? .now
    let notBefore = max(ContinuousClock.now + pause, earliest)
    lastSought[destination] = notBefore
    searches[destination] = (Call(FindCoordinator(kind, key), to: .anyBroker), notBefore)
    wake(at: notBefore)
  }

  func findCoordinators(_ now: ContinuousClock.Instant) {
    for (destination, search) in searches {
      guard search.notBefore <= now else {
        wake(at: search.notBefore)
        continue
      }
      start(search.call, now)
      guard search.call.isOver else { continue }
      searches[destination] = nil
      switch search.call.state {
      case .answered(let answer) where answer.error == 0:
        network.learn(answer.broker)
        coordinators[destination] = answer.broker.id
      case .answered(let answer):
        let code = KafkaError.Code(answer.error)
        notFound(
          destination,
          KafkaError(code, answer.message ?? code.sentence, isFatal: !code.mayPass, isRetriable: code.mayPass))
      case .lost(let error, _): notFound(destination, error)
      case .waiting, .sent: break
      }
    }
  }

  /// Told to whoever waits for it: at once if it is no use to wait, else when their time is over.
  private func notFound(_ destination: Destination, _ error: KafkaError) {
    lastSearchError = error
    if error.isRetriable {
      seek(destination, after: MetadataInterest.pause)
    } else if !active.isEmpty {
      fail(error)
    }
  }

  /// The next request looks for it again.
  func forgetCoordinator(_ destination: Destination) { coordinators[destination] = nil }
}
